public import Credentials
public import struct Foundation.Date
public import struct Foundation.UUID

/// A logout that a provider tells of, and what ends by it: all of that in one transaction, so that nothing of it is noted as done before it is
/// (OpenID Connect Back-Channel Logout 1.0, 2.6 and 2.7).
public struct ProviderLogout: Sendable {
    /// Whose API keys are revoked.
    public struct Keys: Sendable {
        /// People who have none of the sessions that end.
        public let owners: [CredentialOwner]
        /// Keys that were made later stay: whoever made them has logged in since.
        public let madeBefore: Date

        /// Names them.
        public init(owners: [CredentialOwner], madeBefore: Date) {
            (self.owners, self.madeBefore) = (owners, madeBefore)
        }
    }

    /// What tells the logout from all others: told once more it ends nothing, at whatever node. Nil for one that must be told once more, as not
    /// all of its work can be done now.
    public let id: String?
    /// Until when it must be known: after that nobody takes it any more.
    public let knownUntil: Date
    /// The provider's source.
    public let source: SourceName
    /// Who has logged out: issuer and subject; nil if the provider names the session alone.
    public let identity: Identity?
    /// What the provider calls the session that has ended; nil if all of that person's have.
    public let session: String?
    /// Whether a session began before the logout: what began later goes on.
    public let covers: @Sendable (SessionRecord, ProviderSession) -> Bool
    /// The keys that are revoked, beside those of the people whose sessions end; nil if keys stay.
    public let keys: Keys?

    /// Describes a logout.
    public init(
        id: String?, knownUntil: Date, source: SourceName, identity: Identity?, session: String?,
        covers: @escaping @Sendable (SessionRecord, ProviderSession) -> Bool, keys: Keys?
    ) {
        (self.id, self.knownUntil) = (id, knownUntil)
        (self.source, self.identity, self.session) = (source, identity, session)
        (self.covers, self.keys) = (covers, keys)
    }
}

/// What has ended by a provider's logout.
public struct EndedByProvider: Sendable {
    /// Whether it was told for the first time.
    public let isFirst: Bool
    /// The sessions.
    public let sessions: [SessionRecord]
    /// The public ids of the keys.
    public let keys: [UUID]

    /// Says what has ended.
    public init(isFirst: Bool = true, sessions: [SessionRecord] = [], keys: [UUID] = []) {
        (self.isFirst, self.sessions, self.keys) = (isFirst, sessions, keys)
    }
}
