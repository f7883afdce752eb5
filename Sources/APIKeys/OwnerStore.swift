public import Credentials

/// Where it is kept what sources have last said of the owners of API keys. No call blocks the thread that makes it.
public protocol OwnerStore: Sendable {
    /// Finds what was last said of an owner.
    /// - Parameters:
    ///   - userName: the canonical user name.
    ///   - source: the source that the owner came from.
    /// - Returns: the record; nil if nothing is known.
    /// - Throws: `SourceFailure` if the store could not look.
    func owner(userName: String, source: SourceName) async throws(SourceFailure) -> OwnerRecord?

    /// Notes what was said of people. Those who have no key are passed over.
    /// - Parameter owners: the newest word on each.
    /// - Throws: `SourceFailure` if it could not be stored.
    func noteOwners(_ owners: [OwnerRecord]) async throws(SourceFailure)
}
