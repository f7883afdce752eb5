public import Credentials
public import struct Foundation.Date
public import struct Foundation.UUID

/// What is known of an API key, but for the key itself.
public struct APIKeyRecord: Sendable, Hashable {
    /// The public id, with which the owner lists and revokes it. Has nothing to do with the key's digits.
    public let id: UUID
    /// The person that it belongs to.
    public let owner: CredentialOwner
    /// The name that it comes in by instead of its owner's, who answers for it; nil for a key of a person's own.
    public let serviceAccount: UserName?
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
    /// The key that it descends from by rotations; its own id if it descends from none.
    public let family: UUID
    /// What rotating has made of it; nil if it was not rotated.
    public var rotation: KeyRotation?
    /// When it was last used, and from where; nil if it never was.
    public var lastUse: KeyUse?
    /// Its end before its time; nil if it was not revoked.
    public var revocation: KeyRevocation?

    /// Describes a key.
    /// - Parameters:
    ///   - id: the public id.
    ///   - owner: the person that it belongs to.
    ///   - serviceAccount: the name that it comes in by instead of its owner's.
    ///   - label: the owner's name for it.
    ///   - scopes: what it is limited to; empty for no limit.
    ///   - createdAt: when it was created.
    ///   - expirationDate: when it ends; nil for never.
    ///   - creatorUserAgent: the user agent of the request that created it; what is over 512 bytes is cut off.
    ///   - family: the key that it descends from; nil for itself.
    public init(
        id: UUID, owner: CredentialOwner, serviceAccount: UserName? = nil, label: String, scopes: [Scope],
        createdAt: Date,
        expirationDate: Date?, creatorUserAgent: String, family: UUID? = nil
    ) {
        self.id = id
        self.owner = owner
        self.serviceAccount = serviceAccount
        self.label = label
        self.scopes = scopes
        self.createdAt = createdAt
        self.expirationDate = expirationDate
        self.creatorUserAgent = creatorUserAgent.cut(toBytes: 512)
        self.family = family ?? id
    }

    /// The moment from which it no longer works, if no policy blocks it and nobody revokes it; nil for never.
    public var end: Date? { [expirationDate, rotation?.end].compactMap(\.self).min() }

    /// Whether its end has come.
    /// - Parameter date: the moment to judge for.
    /// - Returns: true from the end on.
    public func isExpired(at date: Date) -> Bool { end.map { $0 <= date } ?? false }

    /// Why it can't be used, whatever the policy says.
    /// - Parameter date: the moment to judge for.
    /// - Returns: nil if it can.
    func refusal(at date: Date) -> RefusalReason? {
        if revocation != nil { return .keyRevoked }
        guard isExpired(at: date) else { return nil }
        return rotation.map { $0.end <= date } ?? false ? .keyRotated : .keyExpired
    }
}
