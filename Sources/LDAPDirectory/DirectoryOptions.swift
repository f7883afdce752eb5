public import Credentials

/// How to reach a directory and how to find people in it.
public struct DirectoryOptions: Sendable {
    /// Which certificates a server may show.
    public enum Trust: Sendable, Hashable {
        /// Those of the system's authorities.
        case system
        /// Those of the authorities in this PEM file, and no others.
        case file(String)
        /// Any. For tests: whoever can answer at the address gets every password.
        case anything
    }

    /// How much of the tree below a base is searched.
    public enum SearchScope: Sendable, Hashable {
        /// The entries right below the base.
        case oneLevel
        /// The whole tree.
        case subtree
    }

    /// The account that searches; without one the search is anonymous.
    public struct ServiceAccount: Sendable {
        /// Its DN.
        public let bindDN: String
        /// Its password.
        public let password: Secret

        /// Names the account.
        /// - Parameters:
        ///   - bindDN: its DN.
        ///   - password: its password.
        public init(bindDN: String, password: Secret) {
            self.bindDN = bindDN
            self.password = password
        }
    }

    /// The name of the source.
    public var name = SourceName.ldap
    /// `ldap://` and `ldaps://` URLs (host and port alone), tried in order.
    public var urls: [String]
    /// Whether connections to `ldap://` URLs turn to TLS before anything else (RFC 4511, 4.14). Never falls back to plain.
    public var startTLS = false
    /// Which certificates a server may show.
    public var trust = Trust.system
    /// The account that searches.
    public var serviceAccount: ServiceAccount?
    /// The entry below which people are searched.
    public var baseDN: String
    /// How much below it is searched.
    public var scope = SearchScope.subtree
    /// The attribute that holds the user name.
    public var userAttribute = "uid"
    /// What else must hold of a user's entry (RFC 4515).
    public var userFilter: String?
    /// The attribute of a user's entry that lists their groups, as DNs or as names.
    public var groupAttribute: String?
    /// How long connecting may take, the TLS handshake included.
    public var connectTimeout = Duration.seconds(3)
    /// How long one search or bind may take.
    public var operationTimeout = Duration.seconds(5)
    /// How long a login may take in all, waiting for a thread included.
    public var loginDeadline = Duration.seconds(10)
    /// How long a wrong password is remembered, so that a robot that repeats it does not lock the person's account. Only
    /// the very same secret is refused from memory.
    public var refusalMemory = Duration.seconds(5)
    /// How many connections of each kind, and so logins at once, there are at most.
    public var maximumConnections = 16
    /// How many logins may wait for a connection.
    public var maximumQueued = 512

    /// Options with their defaults.
    /// - Parameters:
    ///   - urls: the servers, tried in order.
    ///   - baseDN: the entry below which people are searched.
    public init(urls: [String], baseDN: String) {
        self.urls = urls
        self.baseDN = baseDN
    }
}
