import CLDAP
import Credentials

/// What libldap or a server answered instead of success.
struct LDAPError: Error, Sendable {
    /// The result code: RFC 4511, A for those of a server; negative for those of libldap itself.
    let code: Int32
    /// What was being done, and what the server said to it. No secret.
    let detail: String
    /// The server's own words: Active Directory's and 389-ds's reasons stand only there.
    var diagnostic = ""
    /// What a password-policy control said (draft-behera-ldap-password-policy).
    var policy: PasswordPolicyError?
    /// For a referral: where to.
    var referrals: [String] = []

    /// What was being done to get a connection that can be used; nil once there was one.
    var stage: Stage?
    /// TCP says that nothing of the request has reached the other side.
    var isUnacknowledged = false
    /// The server was reached in no time, and refused the connection: trying again costs nothing.
    var isCheap = false

    /// The steps before a connection can be used.
    enum Stage: Sendable {
        case connecting
        case tls
        case serviceBind
    }

    /// The code of an entry that is not there.
    static let noSuchObject = LDAP_NO_SUCH_OBJECT
    /// The code of a name or password that is not right.
    static let invalidCredentials = LDAP_INVALID_CREDENTIALS

    /// No server is known that could be asked.
    static let nobody = LDAPError(code: LDAP_SERVER_DOWN, detail: "no server is known")

    /// No connection could be made.
    static func connecting(_ detail: String, isRefused: Bool = false, isTimeOut: Bool = false) -> LDAPError {
        var error = LDAPError(code: isTimeOut ? LDAP_TIMEOUT : LDAP_SERVER_DOWN, detail: detail)
        (error.stage, error.isCheap) = (.connecting, isRefused)
        return error
    }

    /// The options can't be used.
    static func misconfigured(_ detail: String) -> LDAPError { LDAPError(code: LDAP_CONNECT_ERROR, detail: detail) }

    /// The same error, met at a step before the connection could be used.
    func at(_ stage: Stage) -> LDAPError {
        var error = self
        error.stage = stage
        return error
    }

    /// The same error, with more to say of it.
    func adding(_ text: String) -> LDAPError {
        var error = LDAPError(code: code, detail: "\(detail): \(text)", diagnostic: diagnostic)
        (error.policy, error.referrals, error.stage) = (policy, referrals, stage)
        (error.isUnacknowledged, error.isCheap) = (isUnacknowledged, isCheap)
        return error
    }

    /// It took the whole time that there was.
    var isTimeOut: Bool { code == LDAP_TIMEOUT }

    /// Somebody without a name may not do this.
    var isDenial: Bool {
        [
            LDAP_INSUFFICIENT_ACCESS, LDAP_STRONG_AUTH_REQUIRED, LDAP_INAPPROPRIATE_AUTH, LDAP_OPERATIONS_ERROR,
            LDAP_CONFIDENTIALITY_REQUIRED,
        ].contains(code)
    }

    /// The connection is of no use any more.
    var breaksConnection: Bool {
        [
            LDAP_SERVER_DOWN, LDAP_TIMEOUT, LDAP_CONNECT_ERROR, LDAP_UNAVAILABLE, LDAP_LOCAL_ERROR, LDAP_ENCODING_ERROR,
            LDAP_DECODING_ERROR, LDAP_PROTOCOL_ERROR,
        ].contains(code)
    }

    /// The server, and not what it was asked, is the reason.
    var isFailureOfServer: Bool {
        stage != nil
            || [LDAP_SERVER_DOWN, LDAP_TIMEOUT, LDAP_CONNECT_ERROR, LDAP_UNAVAILABLE, LDAP_BUSY].contains(code)
    }

    /// Whether the same may be done again, on another connection or another server.
    ///
    /// A user's password is delicate: it goes out a second time only if TCP says that nothing of the first has arrived. No
    /// result code proves that.
    func mayBeRepeated(_ purpose: DirectoryServer.Purpose) -> Bool {
        guard isFailureOfServer else { return false }
        return purpose == .search || stage != nil || isUnacknowledged
    }

    /// The failure of the source that this amounts to.
    var failure: SourceFailure {
        let kind: SourceFailure.Code =
            switch code {
            case LDAP_TIMEOUT, LDAP_TIMELIMIT_EXCEEDED: .timedOut
            case LDAP_SERVER_DOWN: .unreachable
            case LDAP_BUSY, LDAP_UNAVAILABLE, LDAP_ADMINLIMIT_EXCEEDED, LDAP_SIZELIMIT_EXCEEDED: .refused
            case LDAP_CONNECT_ERROR, LDAP_CONFIDENTIALITY_REQUIRED, LDAP_STRONG_AUTH_REQUIRED, LDAP_NO_SUCH_OBJECT,
                LDAP_INVALID_CREDENTIALS, LDAP_INSUFFICIENT_ACCESS, LDAP_INAPPROPRIATE_AUTH, LDAP_FILTER_ERROR,
                LDAP_INVALID_DN_SYNTAX, LDAP_PROTOCOL_ERROR, LDAP_REFERRAL, LDAP_OPERATIONS_ERROR:
                .misconfigured
            default: .internal
            }
        return SourceFailure(kind, detail: detail)
    }

    /// What a failed bind as a user means for the user; nil if it says nothing about them.
    var refusalOfUserBind: RefusalReason? {
        let isAboutUser = [
            LDAP_INVALID_CREDENTIALS, LDAP_CONSTRAINT_VIOLATION, LDAP_UNWILLING_TO_PERFORM, LDAP_INSUFFICIENT_ACCESS,
        ].contains(code)
        if isAboutUser, let policy { return policy.reason }
        switch code {
        case LDAP_INVALID_CREDENTIALS:
            return ActiveDirectoryReason.read(diagnostic) ?? .wrongPassword
        case LDAP_NO_SUCH_OBJECT, LDAP_INAPPROPRIATE_AUTH: return .wrongPassword
        // 389-ds and OpenLDAP answer so for accounts that are inactive, locked, or may not log in now.
        case LDAP_UNWILLING_TO_PERFORM, LDAP_CONSTRAINT_VIOLATION, LDAP_INSUFFICIENT_ACCESS:
            let said = diagnostic.lowercased()
            if said.contains("retry limit") || said.contains("locked") { return .accountLocked }
            if said.contains("expired") { return .passwordExpired }
            return .accountDisabled
        default: return nil
        }
    }
}
