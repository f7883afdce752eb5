public import Credentials
public import Logging

/// The source that judges passwords by an LDAP directory: it searches for the user with a service account and binds as
/// the entry that it found.
///
/// Safe to share. libldap blocks, so all of it happens on a lane of the source's own, with a deadline: a directory that
/// is slow or gone delays nobody who does not need it.
public final class DirectorySource: CredentialSource, UserDirectory {
    private let options: DirectoryOptions
    private let client: DirectoryClient
    private let lane: WorkLane
    private let logger: Logger
    private let tagger = CredentialTagger()
    /// A wrong password of the last seconds.
    private struct Refusal: Sendable {
        /// Until when it is refused from memory.
        var until: ContinuousClock.Instant
        var userName: UserName?
    }

    private let refusals: Locked<LRUCache<CredentialTag, Refusal>>
    private let maintenance: Task<Void, Never>
    private let lastProbe = Locked<(at: ContinuousClock.Instant, state: SourceState)?>(nil)

    /// Makes the source. Nothing is connected yet: a directory that is down does not keep a server from starting.
    /// - Parameters:
    ///   - options: how to reach the directory and find people in it.
    ///   - logger: where failures go.
    public init(_ options: DirectoryOptions, logger: Logger) {
        self.options = options
        self.client = DirectoryClient(options)
        self.lane = WorkLane(
            name: "ldap", threads: options.maximumConnections, maximumQueued: options.maximumQueued)
        self.logger = logger
        self.refusals = Locked(LRUCache(capacity: 16_384))
        maintenance = Self.maintain(client, lane, logger)
    }

    deinit { maintenance.cancel() }

    /// Looks after connections, servers and the service account, once a second for as long as the source lives.
    private static func maintain(_ client: DirectoryClient, _ lane: WorkLane, _ logger: Logger) -> Task<Void, Never> {
        Task {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(1), tolerance: .milliseconds(200))
                try? await lane.run {
                    do {
                        try client.refreshServiceAccount()
                    } catch {
                        logger.error("the service account's file can't be used; the account of before stays: \(error)")
                    }
                    client.maintain()
                }
            }
        }
    }

    /// How much the threads have to do that ask the directory.
    public var laneStatus: LaneStatus { lane.status }

    /// How each server is doing.
    public var servers: [DirectoryServerStatus] { client.status }

    /// Forgets the wrong passwords of the last seconds: all of them, as a person may be known here by another of their names.
    /// - Parameter userName: the user's name.
    public func forget(userName: UserName) async {
        refusals.withLock { $0.removeAll { _ in true } }
    }

    /// Its name in logs and in the records of API keys.
    public var name: SourceName { options.name }
    /// A failed bind with a revoked key would lock the person's account.
    public var keyShapedSecrets: KeyShapedSecretPolicy { .never }

    /// Judges a password by a search and a bind.
    /// - Parameter credential: the credential.
    /// - Returns: the verdict; `unavailable(_:)` within the deadlines if the directory can't tell.
    public func judge(_ credential: BasicCredential) async -> Verdict {
        let (client, tag, deadline) = (client, tagger.tag(credential), Deadline(in: options.loginDeadline))
        if let last = refusals.withLock({ $0[tag] }), last.until > .now {
            return .rejected(.wrongPassword, of: last.userName)
        }
        do {
            let verdict = try await lane.run(deadline: options.loginDeadline) { client.judge(credential, deadline) }
            if case .unavailable(let failure) = verdict { report(failure) }
            if case .rejected(.wrongPassword, let userName) = verdict {
                refusals.withLock { $0[tag] = Refusal(until: .now + options.refusalMemory, userName: userName) }
            }
            return verdict
        } catch {
            report(error)
            return .unavailable(error)
        }
    }

    /// Verified passwords are remembered for their time: nobody tells us that an entry has changed.
    /// - Parameter userName: the user's name.
    /// - Returns: the same for everybody.
    public func binding(of userName: UserName) -> [UInt8]? { [] }

    /// Looks a user up by a search alone, as the owner of an API key.
    /// - Parameter userName: the canonical user name.
    /// - Returns: the entry as a principal with today's groups, absent (also if `userFilter` leaves them out), disabled
    ///   if the name has become ambiguous.
    public func lookUp(userName: UserName) async -> UserLookup {
        let (client, deadline) = (client, Deadline(in: options.loginDeadline))
        do {
            return try await lane.run(deadline: options.loginDeadline) { client.lookUp(userName, deadline) }
        } catch {
            return .unavailable(error)
        }
    }

    /// Looks up whoever has an identity, by a search alone: a renamed person, or one who has moved to another branch.
    /// - Parameter identity: such as `entryUUID:…`.
    /// - Returns: as ``lookUp(userName:)``.
    public func lookUp(identity: Identity) async -> UserLookup {
        let (client, deadline) = (client, Deadline(in: options.loginDeadline))
        do {
            return try await lane.run(deadline: options.loginDeadline) { client.lookUp(identity: identity, deadline) }
        } catch {
            return .unavailable(error)
        }
    }

    /// Whether the directory answers to the service account; asked at most every five seconds.
    /// - Returns: ready or unavailable.
    public func state() async -> SourceState {
        if let last = lastProbe.withLock({ $0 }), .now - last.at < .seconds(5) { return last.state }
        let (client, deadline) = (client, Deadline(in: options.loginDeadline))
        let state: SourceState
        do {
            state = try await lane.run(deadline: options.loginDeadline) { client.probe(deadline) }
        } catch {
            state = .unavailable(error)
        }
        lastProbe.withLock { $0 = (.now, state) }
        return state
    }

    /// Takes each server through every step of a login but the user's own, for an operator.
    /// - Returns: what each step came to, up to the first problem of each server.
    public func examine() async -> [DirectoryFinding] {
        let examination = DirectoryExamination(options: options)
        return (try? await lane.run { examination.run() }) ?? []
    }

    /// Finds the groups that an operator's name means, for one who checks a policy.
    /// - Parameter name: a distinguished name, or a short name.
    /// - Returns: what the directory says.
    public func findGroups(named name: String) async -> GroupLookup {
        let (client, deadline) = (client, Deadline(in: options.loginDeadline))
        do {
            return try await lane.run(deadline: options.loginDeadline) { client.findGroups(name, deadline) }
        } catch {
            return .unavailable(error)
        }
    }

    private func report(_ failure: SourceFailure) {
        logger.error("the directory could not judge a credential: \(failure)", metadata: ["source": "\(name)"])
    }
}
