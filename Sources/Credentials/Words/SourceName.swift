/// The name of a source, as logs, the audit trail and the store of API keys write it.
public struct SourceName: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    /// The name itself.
    public let rawValue: String

    /// Names a source.
    /// - Parameter rawValue: a short lower-case word that does not change between starts: API keys remember it.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// An htpasswd file.
    public static let htpasswd = SourceName(rawValue: "htpasswd")
    /// An LDAP directory.
    public static let ldap = SourceName(rawValue: "ldap")
    /// The store of API keys.
    public static let apiKey = SourceName(rawValue: "apikey")
    /// The authority of client certificates.
    public static let certificate = SourceName(rawValue: "mtls")

    /// Issuers of tokens that programs come with.
    public static let bearer = SourceName(rawValue: "bearer")

    /// No source: service accounts, which come in by API keys alone.
    public static let service = SourceName(rawValue: "service")

    /// The name itself.
    public var description: String { rawValue }
}
