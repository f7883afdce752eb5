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

    /// Puts a memory in front of a store.
    /// - Parameters:
    ///   - store: where the records are kept. Who else revokes keys in it must be told of by ``void(_:)``.
    ///   - options: how the ring behaves.
    public init(store: any APIKeyStore, options: Options = .init()) {
        self.store = store
        self.options = options
        recent = RecentMemory(capacity: options.capacity, trust: options.trust)
    }

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
    /// - Returns: the record, and the key, which can't be had again.
    /// - Throws: ``KeyRequestError`` if the policy does not allow it, or it could not be stored.
    public func create(
        owner: Principal, serviceAccount: UserName? = nil, label: String, scopes: [Scope], expirationDate: Date?,
        userAgent: String
    ) async throws(KeyRequestError) -> (APIKeyRecord, APIKey) {
        let (key, date) = (APIKey.random(), now)
        let record = APIKeyRecord(
            id: UUID(), owner: CredentialOwner(owner), serviceAccount: serviceAccount, label: label, scopes: scopes,
            createdAt: date, expirationDate: expirationDate, creatorUserAgent: userAgent)
        if let rule = policy.rule(against: record, at: date) { throw .policy(rule) }
        // Who came by a key has shown no source anything: an old key must not make its owner young.
        let vouched =
            owner.method == .password ? OwnerRecord(record.owner, principal: owner, date: date) : nil
        let isAdded: Bool
        do throws(SourceFailure) {
            isAdded = try await store.insert(record, digest: key.digest, owner: vouched, limit: policy.maxPerUser)
        } catch {
            throw .store(error)
        }
        guard isAdded else { throw .policy(.maxPerUser) }
        return (record, key)
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

    /// Whether a key works.
    /// - Parameters:
    ///   - record: the key.
    ///   - date: the moment to judge for.
    /// - Returns: its state, and the rule that blocks it if one does.
    public func state(of record: APIKeyRecord, at date: Date) -> (KeyState, APIKeyPolicy.Rule?) {
        if record.revocation != nil { return (.revoked, nil) }
        if record.isExpired(at: date) { return (.expired, nil) }
        let rule = policy.rule(against: record, at: date)
        return (rule == nil ? .active : .blocked, rule)
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
    /// - Returns: what it came to.
    /// - Throws: `SourceFailure` if it could not be stored.
    public func rotate(
        _ selection: KeySelection, overlap: Duration, userAgent: String
    ) async throws(SourceFailure) -> Rotation {
        let date = now
        guard let old = try await store.records(selection).first else { return .unknown }
        guard old.rotation == nil, old.revocation == nil else { return .reused(try await revokeFamily(of: old)) }
        guard !old.isExpired(at: date) else { return .expired }
        let key = APIKey.random()
        let lifetime = old.expirationDate?.timeIntervalSince(old.createdAt)
        let new = APIKeyRecord(
            id: UUID(), owner: old.owner, serviceAccount: old.serviceAccount, label: old.label, scopes: old.scopes,
            createdAt: date, expirationDate: lifetime.map { min(date.addingTimeInterval($0), .lastWritable) },
            creatorUserAgent: userAgent,
            family: old.family)
        if let rule = policy.lastingRule(against: new) { return .forbidden(rule) }
        let rotation = KeyRotation(
            date: date, successor: new.id,
            end: date.addingTimeInterval(max(.zero, min(overlap, Self.maximumOverlap)) / .seconds(1)))
        // Somebody else was faster: one of the two is a thief.
        guard try await store.rotate(old.id, rotation, into: new, digest: key.digest) else {
            return .reused(try await revokeFamily(of: old))
        }
        forget([old.id])
        return .done(new, key)
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

    /// Ends a key whose text somebody has.
    /// - Parameter secret: the key.
    /// - Returns: its record; nil if there is no such key.
    /// - Throws: `SourceFailure` if it could not be stored.
    public func revoke(leaked secret: Secret) async throws(SourceFailure) -> APIKeyRecord? {
        guard let digest = APIKey(secret)?.digest else { return nil }
        return try await revoke(.digest(digest), cause: .holder).first
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
        var rule = policy.rule(against: record, at: now)
        // A use that is not written yet counts: the key was forgotten meanwhile. Looked for only where it makes a difference.
        if rule == .unusedLifetime, let use = uses.pending[record.id] {
            record.lastUse = use
            rule = policy.rule(against: record, at: now)
        }
        let key = KnownKey(record, rule: rule)
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
