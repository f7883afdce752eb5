import AccessControl
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
    private let scopes: ScopeJudge

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

    /// How much the thread has to do that compares scopes.
    public var laneStatus: LaneStatus { scopes.laneStatus }

    /// What time it is to the keys.
    public var now: Date { options.clock() }

    /// Creates a key for somebody; it is durable when this returns.
    /// - Parameters:
    ///   - owner: whose it is.
    ///   - serviceAccount: the name that it comes in by instead; nil for a key of the owner's own.
    ///   - label: the owner's name for it.
    ///   - scopes: what it is limited to; empty for no limit.
    ///   - expirationDate: when it ends; nil for never.
    ///   - userAgent: the user agent of the request.
    ///   - maker: the key that whoever asks for it came by; nil if they came by none. No key makes more than itself.
    /// - Returns: the record, and the key, which can't be had again.
    /// - Throws: ``KeyRequestError`` if the policy or the maker does not allow it, or it could not be stored.
    public func create(
        owner: Principal, serviceAccount: UserName? = nil, label: String, scopes: [Scope], expirationDate: Date?,
        userAgent: String, maker: APIKeyRecord? = nil
    ) async throws(KeyRequestError) -> (APIKeyRecord, APIKey) {
        // Who came by a key has shown no source anything: an old key must not make its owner young.
        let vouched =
            owner.method == .password ? OwnerRecord(CredentialOwner(owner), principal: owner, date: now) : nil
        return try await create(
            owner: CredentialOwner(owner), vouched: vouched, serviceAccount: serviceAccount, label: label,
            scopes: scopes, expirationDate: expirationDate, userAgent: userAgent, maker: maker)
    }

    /// Creates a key for somebody of whom nothing new is known; it is durable when this returns.
    /// - Parameters:
    ///   - owner: whose it is.
    ///   - vouched: what their source has just said of them; nil if it was not asked.
    ///   - serviceAccount: the name that it comes in by instead; nil for a key of the owner's own.
    ///   - label: the owner's name for it.
    ///   - scopes: what it is limited to; empty for no limit.
    ///   - expirationDate: when it ends; nil for never.
    ///   - userAgent: the user agent of the request.
    ///   - maker: the key that whoever asks for it came by; nil if they came by none.
    /// - Returns: the record, and the key, which can't be had again.
    /// - Throws: ``KeyRequestError`` if the policy or the maker does not allow it, or it could not be stored.
    public func create(
        owner: CredentialOwner, vouched: OwnerRecord? = nil, serviceAccount: UserName? = nil, label: String,
        scopes: [Scope], expirationDate: Date?, userAgent: String, maker: APIKeyRecord? = nil
    ) async throws(KeyRequestError) -> (APIKeyRecord, APIKey) {
        let (key, date) = (APIKey.random(), now)
        let record = APIKeyRecord(
            id: UUID(), owner: owner, serviceAccount: serviceAccount, label: label, scopes: scopes,
            createdAt: date, expirationDate: expirationDate, creatorUserAgent: userAgent)
        if let maker { try Self.check(record, within: maker, at: date) }
        if let rule = policy.rule(against: record, at: date) { throw .policy(rule) }
        let isAdded: Bool
        let isAllowed: Bool
        do throws(SourceFailure) {
            isAllowed = try await self.scopes.isAllowed(scopes)
            isAdded =
                isAllowed
                ? try await store.insert(record, digest: key.digest, owner: vouched, limit: policy.maxPerUser) : false
        } catch {
            throw .store(error)
        }
        guard isAllowed else { throw .policy(.allowedScopes) }
        guard isAdded else { throw .policy(.maxPerUser) }
        return (record, key)
    }

    /// A key makes none that lives longer than itself, or may more.
    private static func check(
        _ new: APIKeyRecord, within maker: APIKeyRecord, at date: Date
    ) throws(KeyRequestError) {
        guard maker.refusal(at: date) == nil, KeyScopes(maker.scopes).isUnlimited else { throw .limitedMaker }
        guard let end = maker.end else { return }
        // Stored times are whole microseconds; the one that was asked for is not stored yet.
        guard let own = new.expirationDate, own.microseconds <= end.microseconds else { throw .outlivesMaker(end) }
    }

    /// Why no key can be made with some scopes, whatever the policy is.
    /// - Parameter scopes: the scopes.
    /// - Returns: what is wrong with them, in words for whoever asked; nil if nothing is.
    /// - Throws: `SourceFailure` if too many wait already for the one thread that compares scopes.
    public func problem(ofNew scopes: [Scope]) async throws(SourceFailure) -> String? {
        try await self.scopes.problem(ofNew: scopes)
    }

    /// The key that somebody came by.
    /// - Parameter principal: who came.
    /// - Returns: nil if they came by none, or it is gone.
    /// - Throws: `SourceFailure` if the store could not look.
    public func maker(_ principal: Principal) async throws(SourceFailure) -> APIKeyRecord? {
        guard case .apiKey(let id, _) = principal.method else { return nil }
        return try await store.records(.one(id, of: principal)).first
    }

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

    /// What rotating a key came to.
    public enum Rotation: Sendable {
        /// A successor is there.
        case done(APIKeyRecord, APIKey)
        /// There is no such key.
        case unknown
        /// Its time is over.
        case expired
        /// The policy lets no key like it be made any more.
        case forbidden(APIKeyPolicy.Rule)
        /// It was rotated or revoked already: somebody has it who should not, and its whole family is revoked now.
        case reused([APIKeyRecord])
    }

    /// How long a rotated key may work beside its successor at most.
    public static let maximumOverlap = Duration.seconds(30 * 86_400)
    /// How long it does unless somebody says otherwise.
    public static let usualOverlap = Duration.seconds(86_400)

    /// Makes a successor of a key, with the same label, scopes and lifetime; durable when this returns.
    /// - Parameters:
    ///   - selection: the one key.
    ///   - overlap: how long the old one works beside it, up to ``maximumOverlap``.
    ///   - userAgent: the user agent of the request.
    ///   - maker: the key that whoever asks for it came by; nil if they came by none. A key that renews itself keeps its lifetime; what it renews of
    ///     others ends with it at the latest.
    /// - Returns: what it came to.
    /// - Throws: `SourceFailure` if it could not be stored.
    public func rotate(
        _ selection: KeySelection, overlap: Duration, userAgent: String, maker: APIKeyRecord? = nil
    ) async throws(SourceFailure) -> Rotation {
        let date = now
        guard let old = try await store.records(selection).first else { return .unknown }
        guard old.rotation == nil, old.revocation == nil else { return .reused(try await revokeFamily(of: old)) }
        guard !old.isExpired(at: date) else { return .expired }
        let key = APIKey.random()
        let lifetime = old.expirationDate?.timeIntervalSince(old.createdAt)
        let end = [
            lifetime.map { min(date.addingTimeInterval($0), .lastWritable) },
            maker.flatMap { $0.id == old.id ? nil : $0.end },
        ].compactMap(\.self).min()
        let new = APIKeyRecord(
            id: UUID(), owner: old.owner, serviceAccount: old.serviceAccount, label: old.label, scopes: old.scopes,
            createdAt: date, expirationDate: end, creatorUserAgent: userAgent, family: old.family)
        if let rule = policy.lastingRule(against: new) { return .forbidden(rule) }
        guard try await scopes.isAllowed(new.scopes) else { return .forbidden(.allowedScopes) }
        let rotation = KeyRotation(
            date: date, successor: new.id,
            end: date.addingTimeInterval(max(.zero, min(overlap, Self.maximumOverlap)) / .seconds(1)))
        switch try await store.rotate(old.id, rotation, into: new, digest: key.digest, limit: policy.maxPerUser) {
        case .done:
            forget([old.id])
            return .done(new, key)
        case .overLimit: return .forbidden(.maxPerUser)
        // Somebody else was faster: one of the two is a thief.
        case .notCurrent: return .reused(try await revokeFamily(of: old))
        }
    }

    /// Revokes a key and all that descend from the same one.
    private func revokeFamily(of record: APIKeyRecord) async throws(SourceFailure) -> [APIKeyRecord] {
        try await revoke(.family(record.family), cause: .reuse)
    }

    /// Takes note that somebody tried to rotate with a key that does not work any more because it was rotated or revoked: its whole
    /// family is revoked.
    /// - Parameter secret: what they presented.
    /// - Returns: the family; empty if it was no such key.
    /// - Throws: `SourceFailure` if it could not be stored.
    public func reportReuse(of secret: Secret) async throws(SourceFailure) -> [APIKeyRecord] {
        guard let digest = APIKey(secret)?.digest, let record = try await store.record(of: digest),
            record.rotation != nil || record.revocation != nil
        else { return [] }
        return try await revokeFamily(of: record)
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
    private func forget(_ ids: Set<UUID>) {
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
