public import Credentials
public import struct Foundation.Date
public import struct Foundation.UUID

/// What is known of a session: whose it is, since when, from where. Holds no secret.
public struct SessionRecord: Sendable, Hashable {
    /// Its public id, by which its owner ends it.
    public let id: UUID
    /// Whose it is. It lives no longer than they are known to their source (rule 10).
    public let owner: CredentialOwner
    /// When they logged in.
    public let createdAt: Date
    /// When they have last shown who they are: for what takes a fresh login.
    public let authenticatedAt: Date
    /// When it ends, however often it is used.
    public let end: Date
    /// When it was last used, to a minute.
    public var lastUsed: Date
    /// The address from which they logged in; nil for a Unix socket.
    public let client: String?
    /// The browser, as it says itself.
    public let userAgent: String
    /// What changes when the password does by which they logged in (`UserDirectory.passwordState(of:)`), in hexadecimal; nil if their
    /// source can't tell, or it was no password.
    public let passwordState: String?

    /// Describes a session.
    /// - Parameters:
    ///   - id: its public id.
    ///   - owner: whose it is.
    ///   - createdAt: when they logged in.
    ///   - authenticatedAt: when they have last shown who they are; nil for the login.
    ///   - end: when it ends.
    ///   - lastUsed: when it was last used; nil for the login.
    ///   - client: the address from which they logged in.
    ///   - userAgent: the browser; what is over 256 bytes is cut off.
    ///   - passwordState: what changes when their password does.
    public init(
        id: UUID = UUID(), owner: CredentialOwner, createdAt: Date, authenticatedAt: Date? = nil, end: Date,
        lastUsed: Date? = nil, client: String?,
        userAgent: String, passwordState: String? = nil
    ) {
        self.id = id
        self.owner = owner
        self.createdAt = createdAt
        self.authenticatedAt = authenticatedAt ?? createdAt
        self.end = end
        self.lastUsed = lastUsed ?? createdAt
        self.client = client
        self.userAgent = userAgent.cut(toBytes: 256)
        self.passwordState = passwordState
    }
}
