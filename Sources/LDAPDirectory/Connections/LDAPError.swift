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

    /// It happened before the connection could be used: while it was made, or bound as the service account.
    var isWhileConnecting = false
    /// The request itself had gone out when the time ran out.
    var wasSent = false

    /// The code of an entry that is not there.
    static let noSuchObject = LDAP_NO_SUCH_OBJECT

    /// No server is known that could be asked.
    static let nobody = LDAPError(code: LDAP_SERVER_DOWN, detail: "no server is known")

    /// The same error, met before the connection could be used.
    func whileConnecting() -> LDAPError {
        var error = self
        error.isWhileConnecting = true
        return error
    }

    /// The connection is of no use any more.
    var breaksConnection: Bool {
        [
            LDAP_SERVER_DOWN, LDAP_TIMEOUT, LDAP_CONNECT_ERROR, LDAP_UNAVAILABLE, LDAP_LOCAL_ERROR, LDAP_ENCODING_ERROR,
            LDAP_DECODING_ERROR, LDAP_PROTOCOL_ERROR,
        ].contains(code)
    }

    /// The server closed a connection that we had kept: worth one try on a fresh one.
    var isStaleConnection: Bool { code == LDAP_SERVER_DOWN || code == LDAP_UNAVAILABLE }

    /// The server, and not what it was asked, is the reason.
    var isFailureOfServer: Bool {
        isWhileConnecting
            || [LDAP_SERVER_DOWN, LDAP_TIMEOUT, LDAP_CONNECT_ERROR, LDAP_UNAVAILABLE, LDAP_BUSY].contains(code)
    }

    /// The server was reached in no time, and refused the connection: trying again costs nothing.
    var isCheap: Bool { code == LDAP_SERVER_DOWN }

    /// Another server may do better, and nothing is done twice by asking it. After a time-out nobody knows whether a
    /// password was tried: it is not sent to a second server.
    var mayBeTriedElsewhere: Bool { isFailureOfServer && !wasSent }

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
