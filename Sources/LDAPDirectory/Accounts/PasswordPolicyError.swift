import Credentials

/// What the password-policy response control says of an account (draft-behera-ldap-password-policy-10, 6.2).
enum PasswordPolicyError: UInt32, Sendable {
    case passwordExpired = 0
    case accountLocked = 1
    case changeAfterReset = 2

    var reason: RefusalReason {
        switch self {
        case .passwordExpired: .passwordExpired
        case .accountLocked: .accountLocked
        case .changeAfterReset: .passwordMustChange
        }
    }
}
