import PostgreSQLStorage
import AuthService
import Credentials
import Foundation
import Htpasswd
import LDAPDirectory
import Logging
import RegistryTokens

/// Everything that an operator can set, with its defaults.
struct Configuration: Sendable {
    /// The tokens that are signed for registries.
    struct Tokens: Sendable {
        var options: TokenIssuer.Options
        /// The private key's file; nil for one in the data folder.
        var key: String?
        /// Its certificate's; nil for one beside it.
        var certificate: String?
        /// Keys that signed before.
        var previousKeys: [String] = []
        /// How a key signs that is made at the first start.
        var algorithm = TokenKey.Algorithm.es256
    }

    struct TLS: Sendable, Equatable {
        enum Version: Sendable { case tls12, tls13 }

        var certificate: String
        var key: String
        /// The file of the authorities whose clients are let in by their certificates; nil for none.
        var clientAuthority: String?
        /// Lists of certificates that those have revoked.
        var revocationLists: [String] = []
        var minimumVersion = Version.tls12
    }

    struct Htpasswd: Sendable {
        var path: String
        var isAuthoritative = false
        var allowTruncation = false
        var allowPlainText = false
        /// How much verifying one hash may cost.
        var limits = HashLimits()
        /// The path of a group file in the form of Apache's AuthGroupFile.
        var groups: String?
        /// Whether weak hashes are replaced when their user logs in.
        var rehash = false
    }

    struct Directory: Sendable {
        var options: DirectoryOptions
        var isAuthoritative = false
    }

    struct OwnerCheck: Sendable, Equatable {
        var interval = Duration.seconds(300)
        var grace = Duration.seconds(3600)
    }

    struct Cache: Sendable, Equatable {
        var lifetime = Duration.seconds(60)
        var capacity = 65_536
    }

    struct Log: Sendable, Equatable {
        enum Format: String, Sendable {
            case text, json
            /// As text, for systemd's journal: the level as it reads it (sd-daemon(3)), without a time, which it knows.
            case journald
        }
        var level = Logger.Level.info
        var format = Format.text
        /// The path of a file; nil for standard error or ``syslog``.
        var output: String?
        /// The socket of a syslog daemon; nil for none.
        var syslog: String?
        var audit: String?
        /// The file of the key that signs checkpoints of the audit file; nil for none.
        var auditKey: String?
    }

    /// Where clients are answered.
    var listen = [Listen.tcp(address: "127.0.0.1", port: 8080)]
    var realm = "latchkey"
    var tls: TLS?
    /// What of a client's certificate says who it is.
    var certificateRules = CertificateRules()
    var trustedProxies: [IPNetwork] = []
    /// Whose connections begin with a header of the PROXY protocol.
    var proxyProtocol = ProxyProtocolPeers()
    /// Whether clients may speak HTTP/2: by ALPN over TLS, by prior knowledge without.
    var speaksHTTP2 = true
    /// How much of the server a client may take up.
    var limits = LimitsSection.Settings()
    /// The tokens that are signed for registries; nil for none.
    var tokens: Tokens?
    /// Where web servers ask by FastCGI; nil for nowhere.
    var fastCGI: Listen?
    /// What those proxies set at each request of forward authentication.
    var forwardingFields: [ForwardingField] = []
    /// The origins whose pages may call zot's routes with credentials; empty for any, without.
    var allowedOrigins: [WebOrigin] = []
    /// Who may do what; nil if whoever has shown who they are may everything.
    var access: AccessSection.Settings?
    /// How many bytes the identity headers may have.
    var maximumHeaderBytes = AuthService.Options().maximumHeaderBytes
    /// The operators' own listener; nil to answer their routes on the main one.
    var operations: Listen?
    /// From the end of one answer until the next request is there; nil for no limit of its own.
    var readTimeout: Duration?
    /// From a request until its answer has gone out; nil for no limit.
    var writeTimeout: Duration?
    var htpasswd: Htpasswd?
    var directory: Directory?
    var apiKeys = false
    /// Where clients come in, such as `https://auth.example.org`; nil to go by each request.
    var externalOrigin: WebOrigin?
    /// The providers that people log in with; nil for none.
    var openID: OpenIDSection.Settings?
    /// Through which proxies providers and issuers of tokens are asked.
    var proxies = ProxyRules()
    /// Tokens that somebody else has signed; nil for none.
    var bearer: BearerSection.Settings?
    /// How long browsers stay logged in.
    var sessions = SessionsSection.Settings()
    /// What is allowed of API keys.
    var keys = KeysSection.Settings()
    var failDelay = Duration.seconds(1)
    var cache = Cache()
    /// Nil for no throttle.
    var throttle: ThrottleOptions? = ThrottleOptions()
    var ownerCheck = OwnerCheck()
    var rootDirectory: String?
    /// The database that several nodes share; nil for a file of this node's in ``rootDirectory``.
    var postgreSQL: PostgreSQLOptions?
    /// Whether there is a place for what is kept.
    var hasStorage: Bool { rootDirectory != nil || postgreSQL != nil }
    var log = Log()
    /// Whether browsers can log in: there is a store, and the operator has not said no.
    var hasSessions: Bool { hasStorage && sessions.isEnabled ?? (apiKeys || openID != nil) }
    /// Where identity providers send browsers back to.
    var loginOrigin: WebOrigin? { externalOrigin ?? ExternalURL.origin(of: listen, isTLS: tls != nil) }
    /// Whether there is anything to keep in the data folder's store.
    var hasStore: Bool { apiKeys || hasSessions }
    /// Whether browsers come over TLS.
    var isBehindTLS: Bool { sessions.isSecure ?? (tls != nil || externalOrigin?.isSecure ?? false) }
    /// What tells whether the groups of keys `htpasswd`, `ldap`, `apiKeys`, `sessions` and `ownerCheck` say the same as in another configuration.
    var fingerprints: [String: String] = [:]
    /// The files that it names, and itself.
    var files: Set<String> = []
    /// What the reader of the file should know: keys that were skipped, choices that were made for them.
    var notices: [String] = []
}
