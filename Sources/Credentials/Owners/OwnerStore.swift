/// Where it is kept what sources have last said of the owners of API keys. No call blocks the thread that makes it.
public protocol OwnerStore: Sendable {
    /// Finds what was last said of an owner.
    /// - Parameter owner: who, by source and identity.
    /// - Returns: the record; nil if nothing is known.
    /// - Throws: `SourceFailure` if the store could not look.
    func record(of owner: CredentialOwner) async throws(SourceFailure) -> OwnerRecord?

    /// Notes what was said of people. Those who have no key are passed over; keys that were bound to a name, as nothing better was
    /// known when they were made, are bound to the identity that the source has told since.
    /// - Parameter owners: the newest word on each.
    /// - Throws: `SourceFailure` if it could not be stored.
    func noteOwners(_ owners: [OwnerRecord]) async throws(SourceFailure)
}
