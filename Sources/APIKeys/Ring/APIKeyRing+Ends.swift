public import Credentials
import Foundation

/// The ends of keys before their time, and how one is taken back.
extension APIKeyRing {
    /// Revokes keys; it is durable, and they work nowhere, when this returns.
    /// - Parameters:
    ///   - selection: which.
    ///   - cause: who ends them, and why.
    /// - Returns: all that were selected, also those that had been revoked before.
    /// - Throws: `SourceFailure` if it could not be stored.
    public func revoke(
        _ selection: KeySelection, cause: KeyRevocation.Cause
    ) async throws(SourceFailure) -> [APIKeyRecord] {
        try await revoke(selection, KeyRevocation(date: now, cause: cause))
    }

    private func revoke(
        _ selection: KeySelection, _ revocation: KeyRevocation
    ) async throws(SourceFailure) -> [APIKeyRecord] {
        let revoked = try await store.revoke(selection, revocation)
        forget(Set(revoked.map(\.id)))
        return revoked
    }

    /// Takes back that keys have ended because a source that knows people by their names alone had the owner no more: the last such end of somebody, as
    /// what ended before may be of whoever had the name before. What somebody has ended stays so.
    /// - Parameters:
    ///   - userName: whose; nil for everybody's who left when anybody did last.
    ///   - source: the source.
    ///   - isThere: whether the source has somebody now. Nobody else's are restored: they would be those of whoever gets the name next.
    /// - Returns: those that are restored.
    /// - Throws: `SourceFailure` if it could not be stored.
    public func restore(
        _ userName: UserName?, to source: SourceName, _ isThere: (UserName) async -> Bool
    ) async throws(SourceFailure) -> [APIKeyRecord] {
        let departures = try await store.departures(from: source)
        let last = departures.values.max()
        var restored: [APIKeyRecord] = []
        for (name, date) in departures.sorted(by: { $0.key < $1.key })
        where userName.map({ $0 == name }) ?? (date == last) {
            guard await isThere(name) else { continue }
            restored += try await store.restore(CredentialOwner(userName: name, source: source), departedAt: date)
        }
        return restored
    }

    /// Ends the keys of those whom a source has no more that knows people by their names alone. Of whoever gets the name later they are none.
    /// - Parameters:
    ///   - source: the source.
    ///   - hasLeft: whether it has somebody no more.
    ///   - note: is told of each person whose keys have ended, with the keys.
    /// - Throws: `SourceFailure` if it could not be stored; what was told of has ended then, and the rest does if this is repeated.
    public func endDeparted(
        from source: SourceName, _ hasLeft: @Sendable (UserName) -> Bool,
        noting note: @Sendable (UserName, [APIKeyRecord]) -> Void
    ) async throws(SourceFailure) {
        // One moment for all: who leaves together may be restored together.
        let departure = KeyRevocation(date: now, cause: .departure)
        for name in try await store.namedOwners(of: source) where hasLeft(name) {
            let keys = KeySelection.all(CredentialOwner(userName: name, source: source))
            let working = try await store.records(keys).filter { $0.revocation == nil }.map(\.id)
            guard !working.isEmpty else { continue }
            note(name, try await revoke(keys, departure).filter { working.contains($0.id) })
        }
    }

    /// Ends a key whose text somebody has, and what was made of it: whoever had it may have rotated it.
    /// - Parameter secret: the key.
    /// - Returns: what has ended; nil if there is no such key.
    /// - Throws: `SourceFailure` if it could not be stored; repeat it then.
    public func revoke(leaked secret: Secret) async throws(SourceFailure) -> LeakReport? {
        guard let digest = APIKey(secret)?.digest,
            // First the key: what is rotated after that is none.
            let key = try await revoke(.digest(digest), cause: .holder).first
        else { return nil }
        guard key.rotation != nil else { return LeakReport(key: key, family: []) }
        return LeakReport(key: key, family: try await revoke(.family(key.family), cause: .holder))
    }
}
