public import Credentials
public import struct Foundation.UUID

/// Some sessions of a store.
public enum SessionSelection: Sendable, Hashable {
    /// The one with this id, if it is this owner's.
    case own(UUID, CredentialOwner)
    /// All of an owner.
    case all(CredentialOwner)
    /// Those of a person, found by who they are, and of whoever has, or had last, their name, from whatever source. For administrators. A
    /// directory's names are compared without regard to case, as it compares them itself.
    case person(NamedPerson)
    /// Of those the one with this id.
    case personsOne(UUID, NamedPerson)
    /// The one with this id, whose ever it is.
    case one(UUID)
    /// Those that began by a login at a provider: of one identity, of one session there, or of both. Neither is none at all.
    case provider(SourceName, identity: Identity?, session: String?)
    /// The one with this digest.
    case digest(SessionDigest)

    /// What is kept under a name.
    public static func named(_ name: UserName) -> Self { .person(NamedPerson(name: name)) }
    /// Of that the one with this id.
    public static func namedOne(_ id: UUID, _ name: UserName) -> Self { .personsOne(id, NamedPerson(name: name)) }
}
