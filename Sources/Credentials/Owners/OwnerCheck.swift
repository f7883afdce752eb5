import Foundation
import Synchronization

/// Asks from time to time whether the owners of credentials still exist: an API key or a session lives no longer than its owner (rule 10).
///
/// A login with a password, and the creation of a key, vouch for the owner as an answer to the question does. What was last
/// said is kept in the store, so that an outage that outlasts a restart does not take everybody's keys. Safe to share.
public final class OwnerCheck: Sendable {
    /// What the check comes to.
    package enum Answer: Sendable {
        /// The owner exists; with today's groups.
        case present(Vouch)
        case gone
        /// The owner exists, and is called as somebody else is by now.
        case nameTaken
        case unavailable(SourceFailure)
    }

    /// Who is asked about: the source's own name for them.
    private struct Owner: Hashable, Sendable {
        var source: SourceName
        var identity: Identity
        /// The service account that they answer for, whose name must be nobody's.
        var account: UserName?

        init(_ owner: CredentialOwner, account: UserName? = nil) {
            (source, identity, self.account) = (owner.source, owner.identity, account)
        }
    }

    /// That somebody else has the name: asked again soon, and at once when a source that can be asked at no cost has changed.
    private struct Taken: Sendable {
        let until: ContinuousClock.Instant
        let watched: [Vouch.Watched]

        var holds: Bool { until > .now && watched.allSatisfy(\.isAsItWas) }
    }

    private struct Memory: Sendable {
        var owner: Owner
        var vouch: Vouch
    }

    let directories: [SourceName: any UserDirectory]
    let holders: [any NameHolder]
    private let store: (any OwnerStore)?
    private let interval: Duration
    private let grace: Duration
    private let memory: Sharded<LRUCache<Owner, Memory>>
    private let taken = Locked(LRUCache<Owner, Taken>(capacity: 4096))
    /// How often somebody has logged in at a provider while this process runs, and how often somebody was forgotten: a look that began before knows
    /// less than that.
    private let logins = Locked(LRUCache<Owner, UInt64>(capacity: 16_384))
    private let forgotten = Atomic<UInt64>(0)
    /// What is still to be written, the newest word on each.
    private let unwritten = Locked<[Owner: OwnerRecord]>([:])
    private static let maximumUnwritten = 65_536

    /// Makes a check.
    /// - Parameters:
    ///   - directories: the sources that owners come from.
    ///   - holders: what else has names.
    ///   - store: where their last words are kept; nil to forget them at the end of the process.
    ///   - interval: how long an answer is good for. Sources that have a `generation` are asked at each use.
    ///   - grace: how long the last answer is used while the source is unavailable.
    ///   - capacity: how many owners are remembered at most.
    public init(
        directories: [any UserDirectory], holders: [any NameHolder] = [], store: (any OwnerStore)? = nil,
        interval: Duration = .seconds(300), grace: Duration = .seconds(3600), capacity: Int = 65_536
    ) {
        self.holders = holders
        self.directories = Dictionary(directories.map { ($0.name, $0) }) { first, _ in first }
        self.store = store
        self.interval = interval
        self.grace = grace
        self.memory = Sharded { LRUCache(capacity: capacity / 16) }
    }

    /// Notes that a source has just vouched for somebody, by taking their password. Does not wait.
    /// - Parameter principal: who it was. One who came by an API key is passed over: a key does not vouch for its owner.
    public func vouch(for principal: Principal) {
        guard principal.method == .password, let directory = directories[principal.source],
            directory.generation == nil
        else { return }
        let owner = CredentialOwner(principal)
        _ = remember(Owner(owner), principal)
        note(OwnerRecord(owner, principal: principal, date: .now))
    }

    /// Notes that somebody has just logged in at a provider: their name and groups of now are in force at once, for older sessions and keys too. Does
    /// not wait.
    /// - Parameter principal: who it was, as their own source knows them now.
    public func renew(_ principal: Principal) {
        let owner = Owner(CredentialOwner(principal))
        // First: a look that is under way must not be remembered after this.
        logins.withLock { $0[owner] = ($0[owner] ?? 0) + 1 }
        taken.withLock { $0[owner] = nil }
        let old = memory.withPart(of: owner.hashValue) { memory in
            defer { memory[owner] = nil }
            return memory[owner]?.vouch
        }
        // What an event loop or a session remembers of them goes by the old word.
        old?.withdraw()
    }

    /// The last word on an owner.
    private func last(_ owner: Owner) -> Vouch? {
        memory.withPart(of: owner.hashValue) { $0[owner]?.vouch }
    }

    /// The owner, as their source knows them now.
    /// - Parameters:
    ///   - person: who, as the credential names them.
    ///   - account: the service account that the credential is for.
    package func check(_ person: CredentialOwner, account: UserName? = nil) async -> Answer {
        let owner = Owner(person, account: account)
        let known = last(owner)
        if let known, known.isGood(at: .now) { return .present(known) }
        // Whoever keeps coming with it must not have a directory asked each time.
        if taken.withLock({ $0[owner]?.holds ?? false }) { return .nameTaken }
        // A source that is no longer configured vouches for nobody.
        guard let directory = directories[owner.source] else { return .gone }
        let begun = state(of: owner)
        // Before it is asked: what changes meanwhile must be asked for again.
        let (generation, watched) = (directory.generation, generations(of: directory, account))
        switch await directory.lookUp(identity: owner.identity) {
        case .found(let principal) where isSomebodyElse(principal, known): return gone(person, owner)
        case .found(let principal):
            var name = await hasOwnName(account ?? principal.userName, directory, account)
            // While a source is away its last word counts: whoever has the name keeps it, and whoever has it no more does not get it back.
            if name == nil { name = taken.withLock { $0[owner] == nil } }
            guard name == true else {
                known?.withdraw()
                memory.withPart(of: owner.hashValue) { $0[owner] = nil }
                taken.withLock { $0[owner] = Taken(until: .now + .seconds(5), watched: watched) }
                return .nameTaken
            }
            taken.withLock { $0[owner] = nil }
            if generation == nil { note(OwnerRecord(person, principal: principal, date: .now)) }
            // A login meanwhile has said something newer: this word is good for this request alone.
            guard state(of: owner) == begun else {
                return .present(Vouch(principal, given: .now, restsUntil: .now))
            }
            return .present(
                remember(
                    owner, principal, generation: generation, directory: directory, watched: watched,
                    isTimed: account != nil))
        case .absent, .disabled: return gone(person, owner)
        case .unavailable(let failure):
            return await lastAnswer(person, owner) ?? .unavailable(failure)
        }
    }

    /// What changes whenever something newer is known of somebody.
    private func state(of owner: Owner) -> [UInt64] {
        var person = owner
        person.account = nil
        return [logins.withLock { $0[person] ?? 0 }, forgotten.load(ordering: .acquiring)]
    }

    /// Whether somebody else had the name of a person when that was asked last.
    /// - Parameter person: who.
    public func isNameTaken(of person: CredentialOwner) -> Bool { taken.withLock { $0[Owner(person)] != nil } }

    /// A key from before identities is bound to a name: within one run of the program at least, that is one person's.
    private func isSomebodyElse(_ principal: Principal, _ known: Vouch?) -> Bool {
        known.map { $0.principal.identity != principal.identity } ?? false
    }

    private func gone(_ person: CredentialOwner, _ owner: Owner) -> Answer {
        last(owner)?.withdraw()
        memory.withPart(of: owner.hashValue) { $0[owner] = nil }
        note(OwnerRecord(person, principal: nil, date: .now))
        return .gone
    }

    /// What changes when a person's password does, in hexadecimal, and tells nothing of it.
    /// - Parameter principal: who has come by their password.
    /// - Returns: nil if their source can't tell.
    public func passwordState(of principal: Principal) -> String? {
        directories[principal.source]?.passwordState(of: principal.userName)?.hexadecimal
    }

    /// Whether somebody still has the password of which ``passwordState(of:)`` spoke.
    /// - Parameters:
    ///   - state: what it said.
    ///   - principal: who it is.
    public func isPasswordState(_ state: String, of principal: Principal) -> Bool {
        directories[principal.source]?.isPasswordState(state, of: principal.userName) ?? false
    }

    /// Judges what stands for a password that was right once.
    /// - Parameters:
    ///   - userName: the canonical user name.
    ///   - source: the source that has verified the password.
    ///   - identity: whose it was.
    ///   - passwordState: what ``passwordState(of:)`` said then.
    /// - Returns: the verdict, with today's groups; a refusal if the password, or the person, is another one.
    public func judge(
        userName: UserName, source: SourceName, identity: Identity, passwordState: String
    ) async -> Verdict {
        guard let directory = directories[source] else { return .unknownUser }
        switch await directory.lookUp(identity: identity) {
        case .found(let principal):
            guard principal.userName == userName,
                directory.isPasswordState(passwordState, of: userName)
            else { return .rejected(.wrongPassword) }
            return .authenticated(principal)
        case .absent: return .unknownUser
        case .disabled: return .rejected(.accountDisabled)
        case .unavailable(let failure): return .unavailable(failure)
        }
    }

    /// Writes what sources have said since the last time.
    /// - Throws: `SourceFailure` if the store could not take it; it is kept for the next time.
    public func writeOwners() async throws(SourceFailure) {
        guard let store else { return }
        let owners = unwritten.withLock { unwritten in
            defer { unwritten = [:] }
            return unwritten
        }
        guard !owners.isEmpty else { return }
        do {
            try await store.noteOwners(Array(owners.values))
        } catch {
            unwritten.withLock { $0.merge(owners) { newer, _ in newer } }
            throw error
        }
    }

    /// Forgets somebody: the next use of their keys asks their source.
    /// - Parameter userName: the user's name, without regard to case.
    package func forget(userName: UserName) {
        forgotten.add(1, ordering: .acquiringAndReleasing)
        let name = StringPreparation.caseIgnore(userName)
        memory.forEach { memory in
            memory.removeAll { known in
                guard StringPreparation.caseIgnore(known.vouch.principal.userName) == name else { return false }
                known.vouch.withdraw()
                return true
            }
        }
    }

    /// What was known before the source went away, as long as the grace lasts. The source is left alone for a moment, so
    /// that an outage does not put its deadline before each request.
    private func lastAnswer(_ person: CredentialOwner, _ owner: Owner) async -> Answer? {
        let now = ContinuousClock.now
        if let last = last(owner) { return answer(owner, last.principal, vouched: last.given, at: now) }
        // A store that fails too knows no better than the source: the caller reports that.
        guard let record = try? await store?.record(of: person) else { return nil }
        guard let principal = record.principal else { return .gone }
        // A clock that was set back must not make an old word young.
        let age = max(0, Date.now.timeIntervalSince(record.date))
        return answer(owner, principal, vouched: now - .seconds(age), at: now)
    }

    private func answer(
        _ owner: Owner, _ principal: Principal, vouched: ContinuousClock.Instant, at now: ContinuousClock.Instant
    ) -> Answer? {
        guard now - vouched < grace else { return nil }
        let rest = min(now + min(interval, .seconds(10)), vouched + grace)
        return .present(remember(owner, Vouch(principal, given: vouched, restsUntil: rest)))
    }

    private func remember(
        _ owner: Owner, _ principal: Principal, generation: UInt64? = nil, directory: (any UserDirectory)? = nil,
        watched: [Vouch.Watched] = [], isTimed: Bool = false
    ) -> Vouch {
        let now = ContinuousClock.now
        return remember(
            owner,
            Vouch(
                principal, given: now, restsUntil: now + interval, generation: generation, directory: directory,
                watched: watched, isTimed: isTimed))
    }

    private func remember(_ owner: Owner, _ vouch: Vouch) -> Vouch {
        memory.withPart(of: owner.hashValue) { $0[owner] = Memory(owner: owner, vouch: vouch) }
        return vouch
    }

    private func note(_ record: OwnerRecord) {
        guard store != nil else { return }
        unwritten.withLock { unwritten in
            let owner = Owner(record.owner)
            // When the store takes nothing for long, memory must not grow with what it would have been told.
            guard unwritten.count < Self.maximumUnwritten || unwritten[owner] != nil else { return }
            unwritten[owner] = record
        }
    }
}
