public import Credentials
public import struct Foundation.Date
public import struct Foundation.UUID

/// What is known of an API key, but for the key itself.
public struct APIKeyRecord: Sendable, Hashable {
    /// The public id, with which the owner lists and revokes it. Has nothing to do with the key's digits.
    public let id: UUID
    /// The canonical name of the user that it belongs to.
    public let owner: String
    /// The source that the owner came from, which is asked whether they still exist (rule 10).
    public let ownerSource: SourceName
    /// The owner's name for it; may be empty.
    public let label: String
    /// What it is limited to; empty for no limit.
    public let scopes: [Scope]
    /// When it was created.
    public let createdAt: Date
    /// When it ends; nil for never.
    public let expirationDate: Date?
    /// The user agent of the request that created it.
    public let creatorUserAgent: String
    /// When it was last used; nil if it never was.
    public var lastUsed: Date?
    /// When it was revoked; nil if it was not.
    public var revokedAt: Date?

    /// Describes a key.
    /// - Parameters:
    ///   - id: the public id.
    ///   - owner: the canonical name of the user that it belongs to.
    ///   - ownerSource: the source that the owner came from.
    ///   - label: the owner's name for it.
    ///   - scopes: what it is limited to; empty for no limit.
    ///   - createdAt: when it was created.
    ///   - expirationDate: when it ends; nil for never.
    ///   - creatorUserAgent: the user agent of the request that created it.
    ///   - lastUsed: when it was last used; nil for never.
    ///   - revokedAt: when it was revoked.
    public init(
        id: UUID, owner: String, ownerSource: SourceName, label: String, scopes: [Scope], createdAt: Date,
        expirationDate: Date?, creatorUserAgent: String, lastUsed: Date? = nil, revokedAt: Date? = nil
    ) {
        self.id = id
        self.owner = owner
        self.ownerSource = ownerSource
        self.label = label
        self.scopes = scopes
        self.createdAt = createdAt
        self.expirationDate = expirationDate
        self.creatorUserAgent = creatorUserAgent
        self.lastUsed = lastUsed
        self.revokedAt = revokedAt
    }

    /// Whether its end has come.
    /// - Parameter date: the moment to judge for.
    /// - Returns: true from the expiration date on.
    public func isExpired(at date: Date) -> Bool {
        expirationDate.map { $0 <= date } ?? false
    }

    /// Why it can't be used.
    /// - Parameter date: the moment to judge for.
    /// - Returns: nil if it can.
    func refusal(at date: Date) -> RefusalReason? {
        revokedAt != nil ? .keyRevoked : isExpired(at: date) ? .keyExpired : nil
    }
}
