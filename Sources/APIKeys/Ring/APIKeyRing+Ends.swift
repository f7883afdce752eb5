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
        let revoked = try await store.revoke(selection, KeyRevocation(date: now, cause: cause))
        forget(Set(revoked.map(\.id)))
        return revoked
    }

    /// Takes back that keys have ended because their owner's source had the owner no more. What somebody has ended stays so.
    /// - Parameter selection: which; nil for everybody's.
    /// - Returns: those that are restored.
    /// - Throws: `SourceFailure` if it could not be stored.
    public func restore(_ selection: KeySelection?) async throws(SourceFailure) -> [APIKeyRecord] {
        try await store.restore(selection)
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
        for name in try await store.namedOwners(of: source) where hasLeft(name) {
            let keys = KeySelection.all(CredentialOwner(userName: name, source: source))
            let working = try await store.records(keys).filter { $0.revocation == nil }.map(\.id)
            guard !working.isEmpty else { continue }
            note(name, try await revoke(keys, cause: .departure).filter { working.contains($0.id) })
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
