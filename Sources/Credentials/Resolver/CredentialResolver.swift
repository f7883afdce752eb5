/// Asks the sources in order and turns their verdicts into one outcome.
///
/// The way of a credential: rules of form, throttle, verified cache, single flight, the sources in order. What it promises
/// is listed as rules 1 to 9 in docs/design.md. Safe to share; copies share their memory.
public struct CredentialResolver: Sendable {
    /// One source in the resolver's order.
    public struct Entry: Sendable {
        /// The source.
        public let source: any CredentialSource
        /// Whether its word is final for the users that it knows, and its failure final for everybody.
        public let isAuthoritative: Bool

        /// Puts a source into the order.
        /// - Parameters:
        ///   - source: the source.
        ///   - isAuthoritative: true to stop here for users that it knows, instead of falling through to the next.
        public init(_ source: any CredentialSource, isAuthoritative: Bool = false) {
            self.source = source
            self.isAuthoritative = isAuthoritative
        }
    }

    /// How the resolver behaves.
    public struct Options: Sendable {
        /// A refusal is answered no earlier than this after the credential arrived. 0 for none.
        public var failDelay = Duration.seconds(1)
        /// How many refusals may wait at once; past it they are ``Outcome/unavailable(_:)``.
        public var maximumDelayed = 10_000
        /// How long a verified password is remembered. 0 for not at all.
        public var cacheLifetime = Duration.seconds(60)
        /// How many verified passwords are remembered at most.
        public var cacheCapacity = 65_536
        /// How many credentials each event loop knows of its own at most: some 1 KiB each.
        public var loopCapacity = 16_384
        /// How failures slow a client down; nil for not at all.
        public var throttle: ThrottleOptions? = ThrottleOptions()
        /// Told when an account reaches the number of consecutive failures that is worth an alert. Must not block.
        public var onAlert: (@Sendable (_ userName: UserName, _ failures: Int) -> Void)?
        /// Told of each failure that counts against a user and a network, for other nodes. Must not block.
        public var onFailure: (@Sendable (CountedFailure) -> Void)?
        /// Told of each person whose password a source has just verified: not when memory answers. Must not block.
        public var onVerified: (@Sendable (Principal) -> Void)?
        /// The usual behaviour.
        public init() {}
    }

    /// What was counted since the start.
    public let metrics: ResolverMetrics
    private let sources: [any CredentialSource]
    /// Those of them that hold API keys.
    private let keySources: [KeySource]
    /// Those that judge tokens.
    private let tokenSources: [KeySource]
    /// Whether any of them may be final for users that it knows.
    private let hasAuthority: Bool
    private let candidates: [Resolution.Candidate]
    private let refusalDelay: RefusalDelay
    let tagger: CredentialTagger
    private let cacheCapacity: Int
    private let loopCapacity: Int
    private let cacheLifetime: Duration
    private let throttleOptions: ThrottleOptions?
    private let cache: VerifiedCache?
    private let flights = SingleFlight<Answer>()
    let throttle: Throttle?
    private let onAlert: (@Sendable (UserName, Int) -> Void)?
    private let onVerified: (@Sendable (Principal) -> Void)?
    let onFailure: (@Sendable (CountedFailure) -> Void)?

    /// What the sources make of a credential.
    private struct Answer: Sendable {
        var outcome: Outcome
        /// The canonical name of the user, where a source has found out.
        var knownAs: UserName?
    }

    /// Makes a resolver.
    /// - Parameters:
    ///   - entries: the sources, first asked first. Sources of API keys are asked first about key-shaped secrets, and
    ///     about nothing else, wherever they stand.
    ///   - options: how it behaves.
    public init(entries: [Entry], options: Options = .init()) {
        self.init(entries: entries, options: options, continuing: nil)
    }

    /// Makes a resolver that takes the place of another one: what was counted goes on, and so does what is remembered, as far as it holds.
    /// - Parameters:
    ///   - entries: the sources.
    ///   - options: how it behaves.
    ///   - previous: the one before. Failures that slow somebody down stay if the throttle's options are the same. Verified passwords stay if their
    ///     sources are the very same, in the same order: each is bound to the entry of its source anyway.
    package init(entries: [Entry], options: Options, continuing previous: CredentialResolver?) {
        metrics = previous?.metrics ?? ResolverMetrics()
        tagger = previous?.tagger ?? CredentialTagger()
        (cacheCapacity, cacheLifetime, throttleOptions) = (
            options.cacheCapacity, options.cacheLifetime, options.throttle
        )
        loopCapacity = options.loopCapacity
        sources = entries.map(\.source)
        keySources = sources.filter { $0.keyShapedSecrets == .keysOnly }.map { KeySource($0) }
        tokenSources = sources.filter(\.judgesTokens).map { KeySource($0) }
        hasAuthority = entries.contains(where: \.isAuthoritative)
        candidates = entries.map {
            .init(
                keyShapedSecrets: $0.source.keyShapedSecrets, isAuthoritative: $0.isAuthoritative,
                judgesTokens: $0.source.judgesTokens)
        }
        refusalDelay = RefusalDelay(delay: options.failDelay, limit: options.maximumDelayed)
        let isSame =
            previous.map { previous in
                previous.cacheCapacity == options.cacheCapacity && previous.cacheLifetime == options.cacheLifetime
                    && previous.sources.count == entries.count
                    && zip(previous.sources, entries).allSatisfy { old, new in
                        // Keys are not remembered here.
                        old.keyShapedSecrets == .keysOnly && new.source.keyShapedSecrets == .keysOnly
                            || (old as AnyObject) === (new.source as AnyObject)
                    }
            } ?? false
        if isSame {
            cache = previous?.cache
        } else {
            cache =
                options.cacheLifetime > .zero
                ? VerifiedCache(lifetime: options.cacheLifetime, capacity: options.cacheCapacity) : nil
        }
        if let previous, previous.throttleOptions == options.throttle {
            throttle = previous.throttle
        } else {
            throttle = options.throttle.map { Throttle($0) }
        }
        onAlert = options.onAlert
        onVerified = options.onVerified
        onFailure = options.onFailure
    }

    /// A memory for one event loop, in front of ``knownPrincipal(_:from:at:)``.
    package func newLoopMemory() -> LoopMemory { LoopMemory(metrics, capacity: loopCapacity) }

    /// Answers for a credential that is known, without suspending: a key that was used lately, or a password that was
    /// verified lately and comes from where its user has logged in before.
    /// - Parameters:
    ///   - credential: the credential of a request.
    ///   - client: the address that it comes from.
    ///   - now: the time, for a caller that has just looked at the clock.
    /// - Returns: the principal, or nil if it takes ``resolve(_:from:arrived:)`` to find out. Never a refusal.
    public func principalIfKnown(
        _ credential: BasicCredential, from client: IPAddress? = nil, at now: ContinuousClock.Instant = .now
    ) -> Principal? {
        knownPrincipal(credential, from: client, at: now)?.principal
    }

    /// What ``principalIfKnown(_:from:at:)`` says, with what renews it.
    package func knownPrincipal(
        _ credential: BasicCredential, from client: IPAddress?, at now: ContinuousClock.Instant
    ) -> KnownPrincipal? {
        guard CredentialRules.refusal(of: credential) == nil else { return nil }
        let isToken = isToken(credential)
        if isToken || credential.secret.isKeyShaped {
            for source in isToken ? tokenSources : keySources {
                guard let known = source.knownPrincipal(credential, at: now) else { continue }
                metrics.countAuthenticated()
                return known
            }
        }
        guard cache != nil, !credential.isBearer, !isToken else { return nil }
        let tag = tagger.tag(credential)
        guard throttle?.allowsRemembered(credential.userName, tag, from: client, at: now) ?? true,
            let principal = remembered(credential, tag, at: now)
        else { return nil }
        metrics.countAuthenticated()
        return KnownPrincipal(principal)
    }

    /// Finds out whose credential this is.
    ///
    /// A refusal takes at least `failDelay`, and costs the same whether or not the user exists.
    /// - Parameters:
    ///   - credential: the credential of a request.
    ///   - client: the address that it comes from; nil for this machine's own, over a Unix socket.
    ///   - arrived: when the request arrived.
    /// - Returns: the outcome. Does not throw.
    public func resolve(
        _ credential: BasicCredential, from client: IPAddress? = nil, arrived: ContinuousClock.Instant = .now
    ) async -> Outcome {
        let decision = await decide(credential, from: client, arrived: arrived)
        await decision.hold?.wait()
        return decision.outcome
    }

    /// Finds out whose credential this is, as ``resolve(_:from:arrived:)`` does, and leaves it to the caller to hold a
    /// refusal back.
    /// - Parameters:
    ///   - credential: the credential of a request.
    ///   - client: the address that it comes from; nil for this machine's own, over a Unix socket.
    ///   - arrived: when the request arrived.
    /// - Returns: the outcome, and how long it must be held back. Does not throw.
    public func decide(
        _ credential: BasicCredential, from client: IPAddress? = nil, arrived: ContinuousClock.Instant = .now
    ) async -> Decision {
        if let reason = CredentialRules.refusal(of: credential) { return refuse(reason, arrived: arrived) }
        let tag = tagger.tag(credential)
        var attempt: Throttle.Attempt?
        // What names nobody is an account of its own: a robot with an ended key slows down no other's.
        let account =
            credential.isBearer || isToken(credential)
            ? UserName("bearer \(String(tag.short, radix: 16))") : credential.userName
        switch throttle?.admit(account, tag, from: client, at: .now) {
        case .failure(let tooSoon):
            metrics.count(.throttled(tooSoon.wait))
            return Decision(.throttled(tooSoon.wait))
        case .success(let admitted): attempt = admitted
        case nil: break
        }
        let answer = await answer(to: credential, tag)
        end(attempt, answer)
        if case .refused(let reason) = answer.outcome { return refuse(reason, arrived: arrived) }
        metrics.count(answer.outcome)
        return Decision(answer.outcome)
    }

    /// Asks every source about a credential, for an operator who wants to see what each of them says.
    ///
    /// The rules hold all the same: a key-shaped secret never goes to a directory.
    /// - Parameter credential: the credential.
    /// - Returns: what each source said, in the order in which they were asked.
    public func explain(_ credential: BasicCredential) async -> [(SourceName, Verdict)] {
        guard CredentialRules.refusal(of: credential) == nil else { return [] }
        // With no source authoritative and no verdict taken, the plan names each source that may see the secret.
        let plain = candidates.map {
            Resolution.Candidate(
                keyShapedSecrets: $0.keyShapedSecrets, isAuthoritative: false, judgesTokens: $0.judgesTokens)
        }
        var resolution = Resolution(
            candidates: plain, secretIsKeyShaped: credential.secret.isKeyShaped,
            secretIsTokenShaped: credential.secret.isTokenShaped, isBearer: credential.isBearer)
        var verdicts: [(SourceName, Verdict)] = []
        while case .ask(let index) = resolution.next() {
            verdicts.append((sources[index].name, await sources[index].judge(credential)))
        }
        return verdicts
    }

    /// Refuses a request whose credential could not even be read, no faster than any other refusal.
    /// - Parameters:
    ///   - reason: why.
    ///   - arrived: when the request arrived.
    /// - Returns: the refusal and its place, or ``Outcome/unavailable(_:)`` if too many refusals wait already.
    public func refuse(_ reason: RefusalReason, arrived: ContinuousClock.Instant) -> Decision {
        let hold = refusalDelay.hold(since: arrived)
        let outcome: Outcome =
            hold == nil
            ? .unavailable(SourceFailure(.overloaded, detail: "too many refused requests are waiting for their answer"))
            : .refused(reason)
        metrics.count(outcome)
        return Decision(outcome, hold: hold)
    }

    /// The state of each source, in order.
    /// - Returns: name and state.
    public func states() async -> [(SourceName, SourceState)] {
        var states: [(SourceName, SourceState)] = []
        for source in sources { states.append((source.name, await source.state())) }
        return states
    }

    /// Forgets what is remembered of somebody, in this memory and in those of the sources: the next request asks anew.
    /// What slows down who fails is not forgotten.
    /// - Parameter userName: the user's name, in any spelling that the sources take for theirs.
    public func forget(userName: UserName) async {
        defer { Invalidation.note() }
        cache?.forget(userName, sources: sources.count)
        for source in sources { await source.forget(userName: userName) }
    }

    /// Counts a failure that another node has counted: who spreads guesses over nodes gets no more of them. Never waits.
    /// - Parameter failure: what the other node tells.
    public func note(_ failure: CountedFailure) { throttle?.fail(elsewhere: failure, at: .now) }

    /// From memory, or from the sources: once for all who ask at the same time.
    private func answer(to credential: BasicCredential, _ tag: CredentialTag) async -> Answer {
        if let principal = remembered(credential, tag, at: .now) {
            return Answer(outcome: .authenticated(principal), knownAs: principal.userName)
        }
        if cache != nil { metrics.countCacheMiss() }
        // What has the form of a key is looked up at once: that costs less than waiting for one another. Only if it is none is there work
        // that is better done once.
        var verdicts: [Int: Verdict] = [:]
        if credential.secret.isKeyShaped {
            for index in candidates.indices where candidates[index].keyShapedSecrets == .keysOnly {
                let verdict = await judge(credential, tag, by: index)
                if case .authenticated(let principal) = verdict {
                    return Answer(outcome: .authenticated(principal), knownAs: principal.userName)
                }
                verdicts[index] = verdict
            }
        }
        let (answer, isFirst) = await flights.result(of: tag) { [verdicts] in await ask(credential, tag, verdicts) }
        if !isFirst { metrics.countShared() }
        return answer
    }

    /// - Parameter verdicts: what sources have said already.
    private func ask(_ credential: BasicCredential, _ tag: CredentialTag, _ verdicts: [Int: Verdict]) async -> Answer {
        var resolution = Resolution(
            candidates: candidates, secretIsKeyShaped: credential.secret.isKeyShaped,
            secretIsTokenShaped: credential.secret.isTokenShaped, isBearer: credential.isBearer)
        while true {
            switch resolution.next() {
            case .ask(let index):
                var verdict = verdicts[index]
                if verdict == nil { verdict = await judge(credential, tag, by: index) }
                if let verdict { resolution.take(verdict, of: index) }
            case .finish(.authenticated(let principal)):
                return Answer(outcome: .authenticated(principal), knownAs: principal.userName)
            case .finish(let outcome):
                if case .refused = outcome {
                    for index in resolution.unknowing { await sources[index].spendCostOfRefusal(credential) }
                }
                return Answer(outcome: outcome, knownAs: resolution.knownAs)
            }
        }
    }

    /// Asks one source, and remembers a password that it has verified.
    private func judge(_ credential: BasicCredential, _ tag: CredentialTag, by index: Int) async -> Verdict {
        // Taken before the source looks: if the entry changes meanwhile, the memory is void from the start.
        let (binding, begun) = (sources[index].binding(of: credential.userName), ContinuousClock.now)
        let verdict = Self.presentable(await sources[index].judge(credential))
        metrics.count(verdict, of: sources[index].name)
        guard case .authenticated(let principal) = verdict, principal.method == .password else { return verdict }
        if let cache, let binding {
            let entry = VerifiedCache.Entry(
                source: index, binding: binding, principal: principal, secret: tagger.tag(credential.secret),
                verified: .now)
            cache.remember(tag, entry, begun: begun)
        }
        onVerified?(principal)
        return verdict
    }

    /// Lets nobody in whose name a header field would change on its way to an application, into another one's: a file or a directory may have such
    /// a name too.
    private static func presentable(_ verdict: Verdict) -> Verdict {
        guard case .authenticated(let principal) = verdict, NameProblem(of: principal.userName.text) != nil else {
            return verdict
        }
        return .rejected(.unusableName, of: principal.userName)
    }

    /// Whether a credential is a token, whoever's name stands beside it. Where no source judges tokens, what looks like one is a password.
    private func isToken(_ credential: BasicCredential) -> Bool {
        !tokenSources.isEmpty && credential.secret.isTokenShaped
    }

    private func remembered(
        _ credential: BasicCredential, _ tag: CredentialTag, at now: ContinuousClock.Instant
    ) -> Principal? {
        let entry = cache?.entry(of: tag, at: now) { entry in
            // An authoritative source before it that has come to know the user must be asked.
            let isOverruled =
                hasAuthority
                && (0..<entry.source).contains {
                    candidates[$0].isAuthoritative && sources[$0].binding(of: credential.userName) != nil
                }
            return !isOverruled && sources[entry.source].isBinding(entry.binding, of: credential.userName)
        }
        if entry != nil { metrics.countCacheHit() }
        return entry?.principal
    }

    private func end(_ attempt: Throttle.Attempt?, _ answer: Answer) {
        guard let throttle, let attempt else { return }
        switch answer.outcome {
        case .authenticated: throttle.succeed(attempt, as: answer.knownAs)
        case .unavailable, .throttled: throttle.abandon(attempt)
        case .refused:
            guard let counted = throttle.fail(attempt, as: answer.knownAs, at: .now) else { return }
            onFailure?(CountedFailure(userName: answer.knownAs ?? attempt.userName, network: attempt.network))
            guard let failures = counted.alert else { return }
            metrics.countAlert()
            onAlert?(answer.knownAs ?? attempt.userName, failures)
        }
    }
}
