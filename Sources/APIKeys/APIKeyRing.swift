public import Credentials
public import Foundation

/// The keys of all users: the store, with a memory of recently used keys in front of it and the uses that are still to
/// be written behind it.
///
/// Safe to share. A revoked key is out of the memory before ``revoke(id:owner:at:)`` returns.
public final class APIKeyRing: Sendable {
    private let store: any APIKeyStore
    private let recent: RecentMemory
    /// Keys whose use is still to be written.
    private let used = Locked<[KnownKey]>([])

    /// Puts a memory in front of a store.
    /// - Parameters:
    ///   - store: where the records are kept. Nobody else may revoke keys in it.
    ///   - capacity: how many keys are remembered at most.
    public init(store: any APIKeyStore, capacity: Int = 65_536) {
        self.store = store
        self.recent = RecentMemory(capacity: capacity)
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
    /// - Throws: `SourceFailure` if it could not be stored.
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
    /// - Throws: `SourceFailure` if the store could not look.
    public func records(ownedBy owner: String) async throws(SourceFailure) -> [APIKeyRecord] {
        var unwritten: [UUID: Date] = [:]
        Self.merge(used.withLock { $0 }, into: &unwritten)
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
    /// - Throws: `SourceFailure` if it could not be stored.
    public func revoke(id: UUID, owner: String, at date: Date = .now) async throws(SourceFailure) -> Bool {
        let existed = try await store.revoke(id: id, owner: owner, at: date)
        // The memory is by digest, which only the key's holder can tell. Revoking is rare, and reading again cheap.
        recent.removeAll { ($0 as? KnownKey)?.record.id == id }
        Invalidation.note()
        return existed
    }

    /// A key that was used lately. Never waits.
    func recentKey(_ digest: APIKeyDigest) -> KnownKey? { recent.object(of: digest.digest) as? KnownKey }

    /// A key.
    /// - Returns: nil if there never was such a key; one that was revoked is not remembered.
    func key(_ digest: APIKeyDigest) async throws(SourceFailure) -> KnownKey? {
        if let key = recentKey(digest) { return key }
        let epoch = recent.epoch(of: digest.digest)
        guard let record = try await store.record(of: digest) else { return nil }
        let key = KnownKey(record)
        guard record.revokedAt == nil else { return key }
        // If somebody else has read it meanwhile, theirs may have a use that is not written yet.
        return recent.remember(key, digest.digest, since: epoch) as? KnownKey ?? key
    }

    /// Notes that a key was used; it is written later, with others.
    func noteUse(of key: KnownKey, at date: Date) {
        guard key.use(at: date) else { return }
        used.withLock { $0.append(key) }
    }

    private static func merge(_ keys: [KnownKey], into uses: inout [UUID: Date]) {
        for key in keys {
            guard let use = key.lastUse else { continue }
            uses[key.record.id] = max(uses[key.record.id] ?? use, use)
        }
    }

    /// Writes the uses that were noted since the last time.
    /// - Throws: `SourceFailure` if the store could not take them; they are kept for the next time.
    public func writeUses() async throws(SourceFailure) {
        let keys = used.withLock { used in
            defer { used = [] }
            return used
        }
        // Before their uses are read: a later one lists the key again.
        for key in keys { key.unlist() }
        var uses: [UUID: Date] = [:]
        Self.merge(keys, into: &uses)
        guard !uses.isEmpty else { return }
        do {
            try await store.noteUses(uses)
        } catch {
            used.withLock { $0 += keys }
            throw error
        }
    }

    /// Forgets what is remembered of somebody's keys.
    func forget(userName: String) {
        let name = StringPreparation.caseIgnore(userName)
        recent.removeAll { ($0 as? KnownKey).map { StringPreparation.caseIgnore($0.record.owner) } == name }
    }

    /// Whether the store answers.
    func probe() async throws(SourceFailure) { try await store.probe() }
}
