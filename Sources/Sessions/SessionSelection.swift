public import Credentials
public import struct Foundation.UUID

/// Some sessions of a store.
public enum SessionSelection: Sendable, Hashable {
    /// The one with this id, if it is this owner's.
    case own(UUID, CredentialOwner)
    /// All of an owner.
    case all(CredentialOwner)
    /// Those of the person who had a user name when they logged in, from whatever source. For administrators.
    case named(UserName)
    /// Of those the one with this id.
    case namedOne(UUID, UserName)
    /// The one with this id, whose ever it is.
    case one(UUID)
    /// Those that began by a login at a provider: of one identity, of one session there, or of both. Neither is none at all.
    case provider(SourceName, identity: Identity?, session: String?)
    /// The one with this digest.
    case digest(SessionDigest)
}
