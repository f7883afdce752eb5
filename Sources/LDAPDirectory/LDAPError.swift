import CLDAP
import Credentials

/// What libldap or a server answered instead of success.
struct LDAPError: Error, Sendable {
    /// The result code: RFC 4511, A for those of a server; negative for those of libldap itself.
    let code: Int32
    /// What was being done, and what the server said to it. No secret.
    let detail: String

    /// The connection is of no use any more.
    var breaksConnection: Bool {
        [
            LDAP_SERVER_DOWN, LDAP_TIMEOUT, LDAP_CONNECT_ERROR, LDAP_UNAVAILABLE, LDAP_LOCAL_ERROR, LDAP_ENCODING_ERROR,
            LDAP_DECODING_ERROR,
        ].contains(code)
    }

    /// The server closed a connection that we had kept: worth one try on a fresh one.
    var isStaleConnection: Bool { code == LDAP_SERVER_DOWN }

    /// The failure of the source that this amounts to.
    var failure: SourceFailure {
        let kind: SourceFailure.Code =
            switch code {
            case LDAP_TIMEOUT, LDAP_TIMELIMIT_EXCEEDED: .timedOut
            case LDAP_SERVER_DOWN: .unreachable
            case LDAP_BUSY, LDAP_UNAVAILABLE, LDAP_ADMINLIMIT_EXCEEDED: .refused
            case LDAP_CONNECT_ERROR, LDAP_CONFIDENTIALITY_REQUIRED, LDAP_STRONG_AUTH_REQUIRED, LDAP_NO_SUCH_OBJECT,
                LDAP_INVALID_CREDENTIALS, LDAP_INSUFFICIENT_ACCESS, LDAP_INAPPROPRIATE_AUTH, LDAP_FILTER_ERROR,
                LDAP_INVALID_DN_SYNTAX, LDAP_PROTOCOL_ERROR:
                .misconfigured
            default: .internal
            }
        return SourceFailure(kind, detail: detail)
    }

    /// What a failed bind as a user means for the user; nil if it says nothing about their password.
    var refusalOfUserBind: RefusalReason? {
        switch code {
        case LDAP_INVALID_CREDENTIALS, LDAP_NO_SUCH_OBJECT, LDAP_INAPPROPRIATE_AUTH: .wrongPassword
        // 389-ds and OpenLDAP answer so for accounts that are inactive, locked, or may not log in now.
        case LDAP_UNWILLING_TO_PERFORM, LDAP_CONSTRAINT_VIOLATION, LDAP_INSUFFICIENT_ACCESS: .accountDisabled
        default: nil
        }
    }
}
