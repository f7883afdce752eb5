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

    /// A certificate of our own, which the server may ask for.
    public struct ClientCertificate: Sendable, Hashable {
        /// The certificate's PEM file.
        public let certificate: String
        /// The key's PEM file.
        public let key: String

        /// Names a certificate.
        /// - Parameters:
        ///   - certificate: the certificate's PEM file.
        ///   - key: the key's PEM file.
        public init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }

    /// The oldest version of TLS that is spoken.
    public enum TLSVersion: Sendable, Hashable {
        /// RFC 5246.
        case v1_2
        /// RFC 8446.
        case v1_3

        /// The number of the version in its records.
        var protocolNumber: Int32 { 3 << 8 | (self == .v1_3 ? 4 : 3) }
    }

    /// Which server is asked first.
    public enum ServerOrder: Sendable, Hashable {
        /// Always the first one that works.
        case ordered
        /// One after the other.
        case roundRobin
    }

    /// How much of the tree below a base is searched.
    public enum SearchScope: Sendable, Hashable {
        /// The entry itself.
        case base
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

    /// A file that holds the service account, and how it is read.
    public struct ServiceAccountFile: Sendable {
        /// Its path.
        public let path: String
        /// Reads the account from the file at a path. May block.
        public let read: @Sendable (_ path: String) throws -> ServiceAccount

        /// Names a file.
        /// - Parameters:
        ///   - path: its path.
        ///   - read: reads the account from the file at a path. May block.
        public init(path: String, read: @escaping @Sendable (_ path: String) throws -> ServiceAccount) {
            self.path = path
            self.read = read
        }
    }

    /// The name of the source.
    public var name = SourceName.ldap
    /// `ldap://` and `ldaps://` URLs (host and port alone).
    public var urls: [String]
    /// Instead of URLs: a DNS domain whose SRV records (`_ldap._tcp`, RFC 2782) name the servers.
    public var domain: String?
    /// How servers that the DNS names are spoken to: `ldap` or `ldaps`.
    public var discoveredScheme = "ldap"
    /// Which server is asked first.
    public var serverOrder = ServerOrder.ordered
    /// Whether connections to `ldap://` URLs turn to TLS before anything else (RFC 4511, 4.14). Never falls back to plain.
    public var startTLS = false
    /// Which certificates a server may show. Its name is always checked, unless anything is trusted.
    public var trust = Trust.system
    /// A certificate of our own.
    public var clientCertificate: ClientCertificate?
    /// The oldest version of TLS that is spoken.
    public var minimumTLSVersion = TLSVersion.v1_2
    /// Whether versions too old for any password are spoken too: only to see what a server speaks.
    var looksAtOldTLS = false
    /// The account that searches.
    public var serviceAccount: ServiceAccount?
    /// Where the service account is kept: read again when the file changes, and when a server refuses the password.
    public var serviceAccountFile: ServiceAccountFile?
    /// The entries below which people are searched, one after the other.
    public var bases: [String]
    /// How much below them is searched.
    public var scope = SearchScope.subtree
    /// The attribute that holds the user name.
    public var userAttribute = "uid"
    /// The attribute that names an entry for ever; nil for the first that it has of `objectGUID`, `ipaUniqueID`, `nsUniqueId` and
    /// `entryUUID`. API keys are bound to its value.
    public var identityAttribute: String?
    /// What else must hold of a user's entry (RFC 4515).
    public var userFilter: String?
    /// A whole filter instead of the two above, in which `{user}` stands for the escaped user name.
    public var filter: String?
    /// The DN of every user, in which `{user}` stands for the escaped user name (RFC 4514): nobody is searched for.
    public var bindDNTemplate: String?
    /// How Active Directory's users may write their names; nil if the directory is none.
    public var activeDirectory: ActiveDirectoryNames?
    /// Which groups a user has.
    public var groups = GroupOptions()
    /// Whether a search follows a referral, and then only to one of the servers that are configured.
    public var followsReferrals = false
    /// How long connecting may take, the TLS handshake included.
    public var connectTimeout = Duration.seconds(3)
    /// How long one search or bind may take.
    public var operationTimeout = Duration.seconds(5)
    /// How long a login may take in all, waiting for a thread included.
    public var loginDeadline = Duration.seconds(10)
    /// How long a connection is kept without use: less than the server keeps it.
    public var maximumIdle = Duration.seconds(60)
    /// How long a wrong password is remembered, so that a robot that repeats it does not lock the person's account. Only
    /// the very same secret is refused from memory.
    public var refusalMemory = Duration.seconds(5)
    /// How many failed binds of one user within ``lockoutWindow`` keep further ones from being sent; nil for any number.
    /// Set it below the number at which the directory locks an account.
    public var lockoutGuard: Int?
    /// The time in which failures count: that of the directory's own policy.
    public var lockoutWindow = Duration.seconds(1800)
    /// How many connections of each kind, and so logins at once, there are at most.
    public var maximumConnections = 64
    /// How many logins may wait for a connection.
    public var maximumQueued = 512
    /// Told in words what each step of a login came to. For operators who look into a problem; nil for nobody.
    public var onStep: (@Sendable (String) -> Void)?

    /// Options with their defaults.
    /// - Parameters:
    ///   - urls: the servers.
    ///   - baseDN: the entry below which people are searched; more can be added to ``bases``.
    public init(urls: [String], baseDN: String) {
        self.urls = urls
        self.bases = [baseDN]
    }

    /// The URL of a server that the DNS names. It names the port of plain LDAP even where ldaps is meant, for which there
    /// is no record of its own.
    func discoveredURL(_ address: String) -> String {
        let isSecure = discoveredScheme == "ldaps" && address.hasSuffix(":389")
        return "\(discoveredScheme)://\(isSecure ? address.dropLast(3) + "636" : address[...])"
    }
}
