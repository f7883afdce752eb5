public import Credentials
public import Foundation

/// The keys of all users: the store, the policy that holds for them, a memory of recently used keys in front and the uses that are
/// still to be written behind.
///
/// Safe to share. A revoked key is out of the memory before ``revoke(_:cause:)`` returns.
public final class APIKeyRing: Sendable {
    /// How a ring behaves.
    public struct Options: Sendable {
        /// What is allowed of keys.
        public var policy = APIKeyPolicy()
        /// How long keys that have ended stay visible.
        public var tombstones = Duration.seconds(90 * 86_400)
        /// How many keys are remembered at most: some 700 bytes each, and the texts that its record holds.
        public var capacity = 16_384
        /// Whether what is remembered can be relied on at a time, where other nodes have the same store; nil for always. Never waits.
        public var trust: (@Sendable (ContinuousClock.Instant) -> Bool)?
        /// What time it is. Never waits.
        public var clock: @Sendable () -> Date = { .now }

        /// The usual behaviour.
        public init() {}
    }

    /// What is allowed of keys.
    public var policy: APIKeyPolicy { options.policy }

    let options: Options
    let store: any APIKeyStore
    private let recent: RecentMemory
    private let uses = UnwrittenUses()
    let scopes: ScopeJudge

    /// Puts a memory in front of a store.
    /// - Parameters:
    ///   - store: where the records are kept. Who else revokes keys in it must be told of by ``void(_:)``.
    ///   - options: how the ring behaves.
    public init(store: any APIKeyStore, options: Options = .init()) {
        self.store = store
        self.options = options
        recent = RecentMemory(capacity: options.capacity, trust: options.trust)
        scopes = ScopeJudge(options.policy)
    }

    /// How much the threads have to do that compare scopes.
    public var laneStatuses: [LaneStatus] { scopes.laneStatuses }

    /// What time it is to the keys.
    public var now: Date { options.clock() }

    /// Keys, each with its latest use, oldest first; those that ended longer ago than tombstones stay are left out.
    /// - Parameter selection: which.
    /// - Returns: their records.
    /// - Throws: `SourceFailure` if the store could not look.
    public func records(_ selection: KeySelection) async throws(SourceFailure) -> [APIKeyRecord] {
        let unwritten = uses.pending
        let oldest = now.addingTimeInterval(-(options.tombstones / .seconds(1)))
        return try await store.records(selection).compactMap { record in
            if let ended = record.revocation?.date ?? record.end, ended < oldest { return nil }
            var record = record
            if let use = unwritten[record.id], use.date > record.lastUse?.date ?? .distantPast { record.lastUse = use }
            return record
        }
    }

    /// Whether keys work.
    /// - Parameters:
    ///   - records: the keys.
    ///   - date: the moment to judge for.
    /// - Returns: each with its state, in their order.
    /// - Throws: `SourceFailure` if too many wait already for the one thread that compares scopes.
    public func judge(_ records: [APIKeyRecord], at date: Date) async throws(SourceFailure) -> [JudgedKey] {
        let verdicts = try await scopes.verdicts(on: records.map(\.scopes))
        return zip(records, verdicts).map { record, verdict in
            var (state, rule): (KeyState, APIKeyPolicy.Rule?) = (.active, nil)
            if record.revocation != nil {
                state = .revoked
            } else if record.isExpired(at: date) {
                state = .expired
            } else {
                rule = policy.rule(against: record, at: date) ?? (verdict.isAllowed ? nil : .allowedScopes)
                if rule != nil { state = .blocked }
            }
            return JudgedKey(
                record: record, state: state, rule: rule,
                scopeProblems: verdict.problems.map { (record.scopes[$0.place], $0.problem) })
        }
    }

    /// Whether a key works.
    /// - Parameters:
    ///   - record: the key.
    ///   - date: the moment to judge for.
    /// - Returns: its state, and the rule that blocks it if one does.
    /// - Throws: `SourceFailure` if too many wait already for the one thread that compares scopes.
    public func judge(_ record: APIKeyRecord, at date: Date) async throws(SourceFailure) -> JudgedKey {
        try await judge([record], at: date)[0]
    }

    /// Forgets keys that another node has revoked or rotated, before this returns.
    /// - Parameter ids: their public ids; nil for all.
    public func void(_ ids: Set<UUID>?) {
        guard let ids else {
            recent.removeAll { $0 is KnownKey }
            return Invalidation.note()
        }
        forget(ids)
    }

    /// Whether other nodes have the same store.
    var isShared: Bool { options.trust != nil }

    /// Whether what is remembered can be relied on. Never waits.
    func isTrusted(at now: ContinuousClock.Instant) -> Bool { recent.isTrusted(at: now) }

    /// The memory is by digest, which only the key's holder can tell. Revoking is rare, and reading again cheap.
    func forget(_ ids: Set<UUID>) {
        recent.removeAll { ($0 as? KnownKey).map { ids.contains($0.record.id) } ?? false }
        Invalidation.note()
    }

    /// A key that was used lately. Never waits.
    func recentKey(_ digest: APIKeyDigest) -> KnownKey? { recent.object(of: digest.digest) as? KnownKey }

    /// A key.
    /// - Returns: nil if there never was such a key; one that was revoked is not remembered.
    func key(_ digest: APIKeyDigest) async throws(SourceFailure) -> KnownKey? {
        if let key = recentKey(digest) { return key }
        let epoch = recent.epoch(of: digest.digest)
        guard var record = try await store.record(of: digest) else { return nil }
        let isAllowed = try await scopes.isAllowed(record.scopes)
        var rule = policy.rule(against: record, at: now)
        // A use that is not written yet counts: the key was forgotten meanwhile. Looked for only where it makes a difference.
        if rule == .unusedLifetime, let use = uses.pending[record.id] {
            record.lastUse = use
            rule = policy.rule(against: record, at: now)
        }
        let key = KnownKey(record, rule: rule ?? (isAllowed ? nil : .allowedScopes))
        guard record.revocation == nil, key.rule == nil else { return key }
        // If somebody else has read it meanwhile, theirs may have a use that is not written yet.
        return recent.remember(key, digest.digest, since: epoch) as? KnownKey ?? key
    }

    /// Why a key can't be used.
    /// - Returns: nil if it can.
    func refusal(of key: KnownKey, at date: Date) -> RefusalReason? {
        if let reason = key.record.refusal(at: date) { return reason }
        guard key.rule == nil else { return .keyBlocked }
        // It may have been remembered, and not used, for that long.
        guard let unused = policy.unusedLifetime else { return nil }
        let last = key.uses.latest ?? key.record.lastUse?.date ?? key.record.createdAt
        return date.timeIntervalSince(last) > unused / .seconds(1) ? .keyBlocked : nil
    }

    /// Notes that a key was used; it is written later, with others.
    func noteUse(of key: KnownKey, at date: Date) { uses.note(key, at: date) }

    /// Notes from where a key was used, for its owner; written later, at most once a minute for each key.
    /// - Parameters:
    ///   - id: the key's public id.
    ///   - client: the address.
    ///   - userAgent: the program, as it says itself.
    public func noteOrigin(of id: UUID, client: IPAddress?, userAgent: @autoclosure () -> String?) {
        uses.noteOrigin(of: id, at: options.clock(), client: client, userAgent: userAgent)
    }

    /// How many keys have uses that are noted and not written; each takes memory until ``writeUses(isLast:)``.
    public var unwrittenUses: Int { uses.count }

    /// Writes the uses that were noted since the last time; of each key at most one a minute.
    /// - Parameter isLast: whether there will be no other time.
    /// - Throws: `SourceFailure` if the store could not take them; they are kept for the next time.
    public func writeUses(isLast: Bool = false) async throws(SourceFailure) {
        let batch = uses.take(at: now, all: isLast)
        guard !batch.isEmpty else { return }
        do {
            try await store.noteUses(batch.uses)
        } catch {
            uses.putBack(batch)
            throw error
        }
    }

    /// Deletes what is left of keys that ended longer ago than tombstones stay.
    /// - Returns: how many there were.
    /// - Throws: `SourceFailure` if it could not be stored.
    public func purge() async throws(SourceFailure) -> Int {
        try await store.purge(endedBefore: now.addingTimeInterval(-(options.tombstones / .seconds(1))))
    }

    /// Forgets what is remembered of somebody's keys.
    func forget(userName: UserName) {
        let name = StringPreparation.caseIgnore(userName)
        recent.removeAll { ($0 as? KnownKey).map { StringPreparation.caseIgnore($0.record.owner.userName) } == name }
    }

    /// Whether the store answers.
    func probe() async throws(SourceFailure) { try await store.probe() }
}
