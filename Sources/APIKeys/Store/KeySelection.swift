public import Credentials
public import struct Foundation.UUID

/// Some keys of a store.
public enum KeySelection: Sendable, Hashable {
    /// The one with this id, if it is this owner's.
    case own(UUID, CredentialOwner)
    /// All of an owner.
    case all(CredentialOwner)
    /// Those of the person who has, or had last, a user name, from whatever source, and of the service account of that name. For
    /// administrators.
    case named(UserName)
    /// Of those the one with this id.
    case namedOne(UUID, UserName)
    /// One and all that descend from the same key.
    case family(UUID)
    /// The one with this digest.
    case digest(APIKeyDigest)
}
