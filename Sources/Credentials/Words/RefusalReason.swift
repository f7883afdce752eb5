/// Why a credential was refused.
///
/// The raw value is a stable code for logs and the audit trail. It never goes to the client: from outside all of
/// these look the same (rule 5).
public enum RefusalReason: String, Sendable, Hashable {
    /// The request carried no credential.
    case noCredential = "no-credential"
    /// The `Authorization` header is not a well-formed Basic credential, or there are two of them.
    case malformedHeader = "malformed-header"
    /// The user name is empty.
    case emptyUserName = "empty-user-name"
    /// The user name is longer than ``CredentialRules/maximumUserNameLength``.
    case userNameTooLong = "user-name-too-long"
    /// The user name has a control character.
    case controlCharacter = "control-character"
    /// The secret is empty.
    case emptySecret = "empty-secret"
    /// The secret is longer than ``Secret/maximumLength``, or a bearer token longer than ``Secret/maximumTokenLength``.
    case secretTooLong = "secret-too-long"
    /// A NUL byte in the user name or the secret.
    case nulByte = "nul-byte"
    /// No source knows the user.
    case unknownUser = "unknown-user"
    /// A source knows the user, and the secret is another one.
    case wrongPassword = "wrong-password"
    /// The hash is of a kind that can't hold a secret as long as this one (bcrypt: 72 bytes).
    case secretTooLongForHash = "secret-too-long-for-hash"
    /// The user's entry has a hash that can't be verified.
    case unusableEntry = "unusable-entry"
    /// Several entries of the directory match the user name.
    case ambiguousUser = "ambiguous-user"
    /// The account is disabled.
    case accountDisabled = "account-disabled"
    /// The account is locked after too many failures.
    case accountLocked = "account-locked"
    /// The account's time is over.
    case accountExpired = "account-expired"
    /// The password's time is over.
    case passwordExpired = "password-expired"
    /// The password must be changed before it can be used.
    case passwordMustChange = "password-must-change"
    /// The account may not log in at this time, or from here.
    case loginNotAllowedNow = "login-not-allowed-now"
    /// The password was not tried: one more failure could make the directory lock the account.
    case lockoutGuard = "lockout-guard"
    /// The user's entry has no user name that can be read: nobody could say whose keys and rights they are.
    case noUserName = "no-user-name"
    /// The user is in none of the groups whose members may log in.
    case notInRequiredGroup = "not-in-required-group"
    /// A user name that a header field or a log would show as another one: see ``NameProblem``.
    case unusableName = "unusable-name"
    /// The name belongs to somebody of another source, which came to know it later.
    case nameTaken = "name-taken"
    /// A client certificate that names nobody, or that was revoked.
    case unusableCertificate = "unusable-certificate"
    /// A key-shaped secret that is no key of the store.
    case unknownKey = "unknown-key"
    /// The key belongs to somebody else.
    case keyOfAnotherUser = "key-of-another-user"
    /// The key's expiration date has passed.
    case keyExpired = "key-expired"
    /// The key was revoked.
    case keyRevoked = "key-revoked"
    /// The key was rotated, and the time beside its successor is over.
    case keyRotated = "key-rotated"
    /// The key was made before a stricter policy, which does not let it in.
    case keyBlocked = "key-blocked"
    /// The key's owner is gone from, or disabled in, the source that they came from.
    case ownerGone = "owner-gone"
    /// A session's cookie that names no session.
    case unknownSession = "unknown-session"
    /// The session's time is over, or the password was changed by which it began.
    case sessionOver = "session-over"
    /// A token of which nobody who is trusted here is the issuer, or that they have not signed.
    case tokenUntrusted = "token-untrusted"
    /// A token whose time is over, or has not begun.
    case tokenExpired = "token-expired"
    /// A token that is for somebody else: its audience is none of this server's.
    case tokenForOthers = "token-for-others"
    /// A token whose claims give no user name that can be used.
    case tokenWithoutName = "token-without-name"
    /// A token whose claims are none of those that `requiredClaims` demands: its bearer is none of the operator's.
    case tokenNotAllowed = "token-not-allowed"
    /// A token whose groups are no list of texts, too many, or said to be elsewhere: they must not quietly become none.
    case tokenGroupsUnusable = "token-groups-unusable"
    /// A token whose user name belongs to a person of another source.
    case tokenNameTaken = "token-name-taken"
}

extension RefusalReason {
    /// How much it tells an operator: of the reasons of several sources the one that tells most is logged.
    ///
    /// What befell a key tells more than that it is no password either; what befell an account more than that a password
    /// was wrong.
    var weight: Int {
        switch self {
        case .unknownUser: 0
        case .unknownKey: 1
        case .wrongPassword: 2
        case .keyRevoked, .keyExpired, .keyRotated, .keyBlocked, .ownerGone, .keyOfAnotherUser: 4
        default: 3
        }
    }
}
