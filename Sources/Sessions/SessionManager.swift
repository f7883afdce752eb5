public import Credentials
public import Foundation

/// The sessions of all browsers: the store, a memory of those that were used lately in front, and the uses that are still to be written behind.
///
/// An allowed request costs no write: when a session was last used is written later, with others, at most once a minute for each. A
/// session that was ended is out of the memory before `end(_:)` returns. Safe to share.
public final class SessionManager: Sendable {
    /// How long sessions live, and how many there are.
    public struct Options: Sendable {
        /// A session ends when it was not used for so long.
        public var idle = Duration.seconds(2 * 3600)
        /// It ends so long after the login, however often it is used.
        public var lifetime = Duration.seconds(24 * 3600)
        /// How many a person may have at once; one more ends the one that was used longest ago.
        public var maximumPerOwner = 100
        /// How many are remembered at most: some 1 KiB each.
        public var capacity = 16_384
        /// Whether what is remembered can be relied on at a time, where other nodes have the same store; nil for always. Never waits.
        public var trust: (@Sendable (ContinuousClock.Instant) -> Bool)?
        /// Whether somebody is still who a login at a provider has shown: the provider, or the operator's link to a person of theirs, may have been
        /// taken back since. Given today's word on them, and the session at the provider.
        public var isStill: @Sendable (Principal, ProviderSession) async -> Bool = { _, _ in true }
        /// What time it is. Never waits.
        public var clock: @Sendable () -> Date = { .now }

        /// The usual behaviour.
        public init() {}
    }

    /// How sessions live.
    public let options: Options
    private let store: any SessionStore
    private let owners: OwnerCheck
    private let recent: RecentMemory
    private let used = Locked<[KnownSession]>([])
    /// How long a use may wait for the next one of the same session.
    private static let gathering: TimeInterval = 60

    /// Puts a memory in front of a store.
    /// - Parameters:
    ///   - store: where sessions are kept. Who else ends sessions in it must be told of by ``void(_:)``.
    ///   - owners: what tells whether their owners still exist.
    ///   - options: how they live.
    public init(store: any SessionStore, owners: OwnerCheck, options: Options = .init()) {
        (self.store, self.owners, self.options) = (store, owners, options)
        recent = RecentMemory(capacity: options.capacity, trust: options.trust)
    }

    /// What time it is to the sessions.
    package var now: Date { options.clock() }

    /// Begins a session for somebody who has just shown who they are; durable when this returns.
    /// - Parameters:
    ///   - principal: who it is.
    ///   - client: the address that they come from.
    ///   - userAgent: their browser, as it says itself.
    ///   - authenticatedAt: when they have shown who they are, if not just now: a provider may have known them already.
    ///   - provider: the session at the provider by which they have shown it; nil if they have shown it otherwise.
    ///   - old: the session that the browser had before, which ends: each login has an id of its own.
    /// - Returns: the session, and its token, which can't be had again.
    /// - Throws: `SourceFailure` if it could not be stored.
    public func begin(
        for principal: Principal, client: IPAddress?, userAgent: String, authenticatedAt: Date? = nil,
        provider: ProviderSession? = nil, replacing old: SessionToken? = nil
    ) async throws(SourceFailure) -> (session: SessionRecord, token: SessionToken) {
        let (token, date) = (SessionToken.random(), now)
        let owner = CredentialOwner(principal)
        let session = SessionRecord(
            owner: owner, createdAt: date, authenticatedAt: authenticatedAt,
            end: date.addingTimeInterval(options.lifetime / .seconds(1)),
            client: client.map { "\($0)" }, userAgent: userAgent,
            passwordState: principal.method == .password ? owners.passwordState(of: principal) : nil)
        let ended = try await store.insert(
            session, digest: token.digest, owner: OwnerRecord(owner, principal: principal, date: date),
            limit: options.maximumPerOwner, provider: provider)
        forget(Set(ended))
        if let old { _ = try await end(.digest(old.digest)) }
        return (session, token)
    }

    /// The session at the provider by which a session began.
    /// - Parameter token: the session's token.
    /// - Returns: nil if there is no such session, or it began otherwise.
    /// - Throws: `SourceFailure` if the store could not look.
    public func providerSession(_ token: SessionToken) async throws(SourceFailure) -> ProviderSession? {
        try await store.providerSession(of: token.digest)
    }

    /// The public id of the session that a token names, also if its time is over.
    /// - Parameter token: the token of a cookie.
    /// - Returns: nil if there is no such session.
    /// - Throws: `SourceFailure` if the store could not look.
    package func id(of token: SessionToken) async throws(SourceFailure) -> UUID? {
        try await session(token.digest)?.record.id
    }

    /// Finds out whose session a token is.
    /// - Parameter token: the token of a cookie.
    /// - Returns: its owner with today's groups; a refusal if there is no such session, or it is over.
    public func judge(_ token: SessionToken) async -> Verdict {
        do throws(SourceFailure) {
            guard let session = try await session(token.digest) else { return .rejected(.unknownSession) }
            let date = now
            guard !isOver(session, at: date) else { return .rejected(.sessionOver) }
            switch await owners.check(session.record.owner) {
            case .present(let vouch):
                guard isPasswordUnchanged(session.record, vouch.principal) else {
                    _ = try await end(.one(session.record.id))
                    return .rejected(.sessionOver)
                }
                if let provider = session.provider, await !options.isStill(vouch.principal, provider) {
                    _ = try await end(.one(session.record.id))
                    return .rejected(.sessionOver)
                }
                let principal = vouch.principal.authenticated(by: .session(id: session.record.id))
                session.admission = Admission(principal, vouch)
                noteUse(of: session, at: date)
                return .authenticated(principal)
            case .gone:
                _ = try await end(.one(session.record.id))
                return .rejected(.ownerGone)
            case .nameTaken: return .rejected(.nameTaken)
            case .unavailable(let failure): return .unavailable(failure)
            }
        } catch {
            return .unavailable(error)
        }
    }

    /// Whose session a token is, if it was used lately and its owner was checked lately. Never waits.
    /// - Parameters:
    ///   - token: the token of a cookie.
    ///   - now: the time.
    /// - Returns: its owner; nil if it takes ``judge(_:)`` to find out.
    package func knownPrincipal(_ token: SessionToken, at now: ContinuousClock.Instant) -> KnownPrincipal? {
        guard let session = recentSession(token.digest), let admission = session.admission else { return nil }
        let renewal = SessionRenewal(self, session, admission)
        return renewal.renew(at: now) ? KnownPrincipal(admission.principal, renewal: renewal) : nil
    }

    /// Sessions, each with its latest use, oldest first; those whose time is over are left out.
    /// - Parameter selection: which.
    /// - Throws: `SourceFailure` if the store could not look.
    public func sessions(_ selection: SessionSelection) async throws(SourceFailure) -> [SessionRecord] {
        let unwritten = Dictionary(
            used.withLock { $0.map { ($0.record.id, $0.lastUsed) } }, uniquingKeysWith: max)
        let date = now
        return try await store.sessions(selection).compactMap { session in
            var session = session
            session.lastUsed = max(session.lastUsed, unwritten[session.id] ?? .distantPast)
            return isOver(session, lastUsed: session.lastUsed, at: date) ? nil : session
        }
    }

    /// Ends sessions; it is durable, and they are good for nothing, when this returns.
    /// - Parameter selection: which.
    /// - Returns: those that ended.
    /// - Throws: `SourceFailure` if it could not be stored.
    public func end(_ selection: SessionSelection) async throws(SourceFailure) -> [SessionRecord] {
        let ended = try await store.end(selection)
        forget(Set(ended.map(\.id)))
        return ended
    }

    /// Does what a provider's logout demands; what has ended is good for nothing when this returns.
    /// - Parameter logout: what ends.
    /// - Returns: what has ended. Who remembers keys must forget those.
    /// - Throws: `SourceFailure` if it could not be stored; then nothing has ended, and it may be told once more.
    public func end(_ logout: ProviderLogout) async throws(SourceFailure) -> EndedByProvider {
        let ended = try await store.end(logout, at: now)
        forget(Set(ended.sessions.map(\.id)))
        return ended
    }

    /// Writes when sessions were last used; of each at most once a minute.
    /// - Parameter isLast: whether there will be no other time.
    /// - Throws: `SourceFailure` if the store could not take it; it is kept for the next time.
    public func writeUses(isLast: Bool = false) async throws(SourceFailure) {
        let date = now
        let due = used.withLock { used in
            let isDue = { (session: KnownSession) in
                isLast || date.timeIntervalSince(session.uses.lastWrite) >= Self.gathering
            }
            let due = used.filter(isDue)
            used.removeAll(where: isDue)
            return due
        }
        guard !due.isEmpty else { return }
        for session in due {
            session.uses.noteWrite(at: date)
            // Before their uses are read: a later one lists the session again.
            session.uses.unlist()
        }
        do {
            try await store.noteSessionUses(
                Dictionary(due.map { ($0.record.id, $0.lastUsed) }, uniquingKeysWith: max))
        } catch {
            for session in due { session.uses.noteWrite(at: .distantPast) }
            used.withLock { $0 += due }
            throw error
        }
    }

    /// Deletes sessions whose time is over.
    /// - Returns: how many there were.
    /// - Throws: `SourceFailure` if it could not be stored.
    public func purge() async throws(SourceFailure) -> Int {
        try await writeUses(isLast: true)
        return try await store.purgeSessions(
            endedBefore: now, unusedSince: now.addingTimeInterval(-(options.idle / .seconds(1))))
    }

    /// How many sessions have uses that are noted and not written; each takes memory until ``writeUses(isLast:)``.
    public var unwrittenUses: Int { used.withLock { $0.count } }

    func isOver(_ session: KnownSession, at date: Date) -> Bool {
        isOver(session.record, lastUsed: session.lastUsed, at: date)
    }

    private func isOver(_ session: SessionRecord, lastUsed: Date, at date: Date) -> Bool {
        // An operator may have shortened the times since.
        let end = min(session.end, session.createdAt.addingTimeInterval(options.lifetime / .seconds(1)))
        return date >= end || date.timeIntervalSince(lastUsed) >= options.idle / .seconds(1)
    }

    func noteUse(of session: KnownSession, at date: Date) {
        guard session.uses.use(at: date) else { return }
        used.withLock { $0.append(session) }
    }

    private func isPasswordUnchanged(_ session: SessionRecord, _ principal: Principal) -> Bool {
        session.passwordState.map { owners.isPasswordState($0, of: principal) } ?? true
    }

    private func recentSession(_ digest: SessionDigest) -> KnownSession? {
        recent.object(of: digest.digest) as? KnownSession
    }

    private func session(_ digest: SessionDigest) async throws(SourceFailure) -> KnownSession? {
        if let session = recentSession(digest) { return session }
        let epoch = recent.epoch(of: digest.digest)
        guard let whole = try await store.wholeSession(of: digest) else { return nil }
        let session = KnownSession(whole.session, whole.provider)
        // If somebody else has read it meanwhile, theirs may have a use that is not written yet.
        return recent.remember(session, digest.digest, since: epoch) as? KnownSession ?? session
    }

    /// Forgets sessions that another node has ended, before this returns.
    /// - Parameter ids: their public ids; nil for all.
    public func void(_ ids: Set<UUID>?) {
        guard let ids else {
            recent.removeAll { $0 is KnownSession }
            return Invalidation.note()
        }
        forget(ids)
    }

    /// Whether what is remembered can be relied on. Never waits.
    func isTrusted(at now: ContinuousClock.Instant) -> Bool { recent.isTrusted(at: now) }

    private func forget(_ ids: Set<UUID>) {
        guard !ids.isEmpty else { return }
        recent.removeAll { ($0 as? KnownSession).map { ids.contains($0.record.id) } ?? false }
        Invalidation.note()
    }
}
