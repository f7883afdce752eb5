public import Credentials
public import Foundation

/// The keys of all users: the store, with a memory of recently used keys in front of it and the uses that are still to
/// be written behind it.
///
/// Safe to share. A revoked key is out of the memory before ``revoke(id:owner:at:)`` returns.
public final class APIKeyRing: Sendable {
    /// One part of the memory: requests on different event loops seldom meet at its lock.
    private struct Shard {
        var recent: LRUCache<APIKeyDigest, APIKeyRecord>
        var uses: [UUID: Date] = [:]
        /// Counts revocations: a record that was read before one must not be remembered after it.
        var epoch = 0
    }

    private let store: any APIKeyStore
    private let shards: Sharded<Shard>

    /// Puts a memory in front of a store.
    /// - Parameters:
    ///   - store: where the records are kept. Nobody else may revoke keys in it.
    ///   - capacity: how many keys are remembered at most.
    public init(store: any APIKeyStore, capacity: Int = 65_536) {
        self.store = store
        self.shards = Sharded { Shard(recent: LRUCache(capacity: capacity / 16)) }
    }

    /// Creates a key for somebody; it is durable when this returns.
    /// - Parameters:
    ///   - owner: whose it is.
    ///   - label: their name for it.
    ///   - scopes: what it is limited to; empty for no limit.
    ///   - expirationDate: when it ends; nil for never.
    ///   - userAgent: the user agent of the request.
    ///   - date: now.
    /// - Returns: the record, and the key, which can't be had again.
    /// - Throws: ``SourceFailure`` if it could not be stored.
    public func create(
        owner: Principal, label: String, scopes: [Scope], expirationDate: Date?, userAgent: String, at date: Date = .now
    ) async throws(SourceFailure) -> (APIKeyRecord, APIKey) {
        let key = APIKey.random()
        let record = APIKeyRecord(
            id: UUID(), owner: owner.userName, ownerSource: owner.source, label: label, scopes: scopes, createdAt: date,
            expirationDate: expirationDate, creatorUserAgent: userAgent)
        // Who came by a key has shown no source anything: an old key must not make its owner young.
        let vouched =
            owner.method == .password
            ? OwnerRecord(userName: owner.userName, source: owner.source, principal: owner, date: date) : nil
        try await store.insert(record, digest: key.digest, owner: vouched)
        return (record, key)
    }

    /// The keys of a user that were not revoked, oldest first, each with its latest use.
    /// - Parameter owner: the canonical user name.
    /// - Returns: their records.
    /// - Throws: ``SourceFailure`` if the store could not look.
    public func records(ownedBy owner: String) async throws(SourceFailure) -> [APIKeyRecord] {
        var unwritten: [UUID: Date] = [:]
        shards.forEach { unwritten.merge($0.uses) { max($0, $1) } }
        return try await store.records(ownedBy: owner).map { record in
            var record = record
            record.lastUsed = [record.lastUsed, unwritten[record.id]].compactMap { $0 }.max()
            return record
        }
    }

    /// Revokes a key; it is durable, and the key works nowhere, when this returns.
    /// - Parameters:
    ///   - id: the key's public id.
    ///   - owner: the user whose it must be.
    ///   - date: now.
    /// - Returns: whether the user has, or had, such a key.
    /// - Throws: ``SourceFailure`` if it could not be stored.
    public func revoke(id: UUID, owner: String, at date: Date = .now) async throws(SourceFailure) -> Bool {
        let existed = try await store.revoke(id: id, owner: owner, at: date)
        // The memory is by digest, which only the key's holder can tell. Revoking is rare, and reading again cheap.
        shards.forEach {
            $0.epoch += 1
            $0.recent.removeAll { record in record.id == id }
        }
        return existed
    }

    /// A key's record if it was used lately. Never waits.
    func recentRecord(of digest: APIKeyDigest) -> APIKeyRecord? {
        shards.withPart(of: digest.shard) { $0.recent[digest] }
    }

    /// A key's record.
    func record(of digest: APIKeyDigest) async throws(SourceFailure) -> APIKeyRecord? {
        let (recent, epoch) = shards.withPart(of: digest.shard) { ($0.recent[digest], $0.epoch) }
        if let recent { return recent }
        guard let record = try await store.record(of: digest) else { return nil }
        guard record.revokedAt == nil else { return record }
        shards.withPart(of: digest.shard) { if $0.epoch == epoch { $0.recent[digest] = record } }
        return record
    }

    /// Notes that a key was used; it is written later, with others.
    func noteUse(of id: UUID, digest: APIKeyDigest, at date: Date) {
        shards.withPart(of: digest.shard) { $0.uses[id] = date }
    }

    /// Writes the uses that were noted since the last time.
    /// - Throws: ``SourceFailure`` if the store could not take them; they are kept for the next time.
    public func writeUses() async throws(SourceFailure) {
        var uses: [UUID: Date] = [:]
        shards.forEach { shard in
            uses.merge(shard.uses) { max($0, $1) }
            shard.uses = [:]
        }
        guard !uses.isEmpty else { return }
        do {
            try await store.noteUses(uses)
        } catch {
            shards.withPart(of: 0) { $0.uses.merge(uses) { max($0, $1) } }
            throw error
        }
    }

    /// Forgets what is remembered of somebody's keys.
    func forget(userName: String) {
        let name = StringPreparation.caseIgnore(userName)
        shards.forEach { $0.recent.removeAll { StringPreparation.caseIgnore($0.owner) == name } }
    }

    /// Whether the store answers.
    func probe() async throws(SourceFailure) { try await store.probe() }
}
