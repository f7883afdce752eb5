public import Credentials
public import struct Foundation.UUID

/// Some keys of a store.
public enum KeySelection: Sendable, Hashable {
    /// The one with this id, if it is this owner's.
    case own(UUID, CredentialOwner)
    /// All of an owner.
    case all(CredentialOwner)
    /// Those of a person, found by who they are, and of whoever has, or had last, their name, from whatever source; and those of the service
    /// account of that name. For administrators. A directory's names are compared without regard to case, as it compares them itself.
    case person(NamedPerson)
    /// Of those the one with this id.
    case personsOne(UUID, NamedPerson)
    /// Those of a service account, in whatever case its letters are.
    case serviceAccount(UserName)
    /// All of a service account, by exactly its name: what the account itself has.
    case account(UserName)
    /// Of those the one with this id.
    case accountsOne(UUID, UserName)
    /// One and all that descend from the same key.
    case family(UUID)
    /// The one with this digest.
    case digest(APIKeyDigest)

    /// All that somebody has who came in.
    public static func own(of principal: Principal) -> Self {
        principal.source == .service ? .account(principal.userName) : .all(CredentialOwner(principal))
    }
    /// Of that the one with this id.
    public static func one(_ id: UUID, of principal: Principal) -> Self {
        principal.source == .service ? .accountsOne(id, principal.userName) : .own(id, CredentialOwner(principal))
    }
    /// Whether there may be more of them by and by.
    package var isOpen: Bool {
        switch self {
        case .all, .person, .serviceAccount, .account, .family: true
        case .own, .personsOne, .accountsOne, .digest: false
        }
    }
    /// What is kept under a name.
    public static func named(_ name: UserName) -> Self { .person(NamedPerson(name: name)) }
    /// Of that the one with this id.
    public static func namedOne(_ id: UUID, _ name: UserName) -> Self { .personsOne(id, NamedPerson(name: name)) }
}
