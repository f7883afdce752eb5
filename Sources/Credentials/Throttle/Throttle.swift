/// Slows down who fails, by user and network and by network, and never locks a user out from elsewhere (rule 9).
final class Throttle: Sendable {
    let options: ThrottleOptions
    /// What is known of a user at a network, of a network, and of an account (its consecutive failures over all
    /// networks). The keys are hashes under a key made at start, which nobody outside can make collide: an attacker with
    /// many addresses and names fills these memories, so an entry must be small.
    private let pairs: Sharded<LRUCache<Int, PairState>>
    private let networks: Sharded<LRUCache<Int, FailureCount>>
    private let accounts: Sharded<LRUCache<Int, Int>>

    init(_ options: ThrottleOptions) {
        self.options = options
        pairs = Sharded { LRUCache(capacity: options.capacity / 16) }
        networks = Sharded { LRUCache(capacity: options.capacity / 16) }
        accounts = Sharded { LRUCache(capacity: options.capacity / 16) }
    }

    /// One attempt to log in that the throttle has let pass. It must be ended.
    struct Attempt: Sendable {
        fileprivate var pair: Int
        let network: IPNetwork?
        fileprivate let account: Int
        let userName: UserName
        fileprivate let secret: UInt64

        fileprivate init(_ userName: UserName, _ tag: CredentialTag, _ network: IPNetwork?) {
            // All spellings that any source takes for one person are one: else each has free tries of its own.
            let name = StringPreparation.caseIgnore(userName)
            pair = Throttle.pair(name, network)
            self.network = network
            account = name.hashValue
            self.userName = userName
            secret = tag.short
        }
    }

    private static func pair(_ name: String, _ network: IPNetwork?) -> Int {
        var hasher = Hasher()
        hasher.combine(network)
        hasher.combine(name)
        return hasher.finalize()
    }

    /// Judges an attempt.
    /// - Returns: the attempt, or how long to wait before the next one.
    func admit(
        _ userName: UserName, _ tag: CredentialTag, from client: IPAddress?, at now: ContinuousClock.Instant
    ) -> Result<Attempt, TooSoon> {
        let attempt = counted(Attempt(userName, tag, network(of: client)))
        let network = attempt.network.hashValue
        let networkWait = networks.withPart(of: network) { $0[network]?.wait(at: now) }
        let wait = pairs.withPart(of: attempt.pair) { pairs -> Duration? in
            var state = pairs[attempt.pair] ?? PairState()
            if let networkWait, !state.isTrusted { return networkWait }
            let wait = state.admit(attempt.secret, at: now, options)
            pairs[attempt.pair] = state
            return wait
        }
        return wait.map { .failure(TooSoon(wait: $0)) } ?? .success(attempt)
    }

    /// Whether a remembered credential may be answered without asking anybody. Counts nothing.
    func allowsRemembered(
        _ userName: UserName, _ tag: CredentialTag, from client: IPAddress?, at now: ContinuousClock.Instant
    ) -> Bool {
        let pair = Self.pair(StringPreparation.caseIgnore(userName), network(of: client))
        // Who has not logged in from here goes the long way: a guess must not be answered from memory.
        func isAllowed(_ state: PairState) -> Bool {
            state.isTrusted && state.wait(tag.short, at: now, options) == nil
        }
        let (allowed, other) = pairs.withPart(of: pair) { pairs -> (Bool, Int?) in
            guard let state = pairs[pair] else { return (false, nil) }
            return (state.standsFor == nil && isAllowed(state), state.standsFor)
        }
        guard let other else { return allowed }
        return pairs.withPart(of: other) { pairs in pairs[other].map(isAllowed) ?? false }
    }

    /// Notes that an attempt failed.
    /// - Parameter knownAs: the canonical name of the user, where a source has found out.
    /// - Returns: nil if it does not count, as the same secret was wrong before; else how many failures in a row the account has had, if this
    ///   one reaches the number worth an alert.
    func fail(_ attempt: Attempt, as knownAs: UserName?, at now: ContinuousClock.Instant) -> Counted? {
        let (attempt, account) = settle(attempt, as: knownAs)
        let counts = pairs.withPart(of: attempt.pair) { pairs -> Bool in
            var state = pairs[attempt.pair] ?? PairState()
            defer { pairs[attempt.pair] = state }
            return state.fail(attempt.secret, at: now, options)
        }
        guard counts else { return nil }
        noteFailure(at: attempt.network, at: now)
        let failures = accounts.withPart(of: account) { accounts -> Int in
            let failures = (accounts[account] ?? 0) + 1
            accounts[account] = failures
            return failures
        }
        return Counted(alert: failures == options.alertAfter ? failures : nil)
    }

    /// What a failure that counts came to.
    struct Counted: Sendable {
        /// How many failures in a row the account has had, if that is worth an alert.
        let alert: Int?
    }

    /// Notes a failure that another node has counted.
    func fail(elsewhere failure: CountedFailure, at now: ContinuousClock.Instant) {
        let pair = Self.pair(failure.userName.text, failure.network)
        pairs.withPart(of: pair) { pairs in
            var state = pairs[pair] ?? PairState()
            state.failElsewhere(at: now, options)
            pairs[pair] = state
        }
        noteFailure(at: failure.network, at: now)
    }

    private func noteFailure(at network: IPNetwork?, at now: ContinuousClock.Instant) {
        let network = network.hashValue
        networks.withPart(of: network) { networks in
            var count = networks[network] ?? FailureCount()
            count.fail(at: now, free: options.freeFailuresPerNetwork, options)
            networks[network] = count
        }
    }

    /// Notes that an attempt succeeded.
    /// - Parameter knownAs: the canonical name of the user.
    func succeed(_ attempt: Attempt, as knownAs: UserName?) {
        let (attempt, account) = settle(attempt, as: knownAs)
        update(attempt) { $0.succeed(attempt.secret) }
        accounts.withPart(of: account) { $0[account] = nil }
    }

    /// How long anybody at the network of an address has to wait who has not logged in from there. Counts nothing.
    func wait(of client: IPAddress?, at now: ContinuousClock.Instant) -> Duration? {
        let network = network(of: client).hashValue
        return networks.withPart(of: network) { $0[network]?.wait(at: now) }
    }

    /// Notes that an attempt came to nothing: a source was unavailable.
    func abandon(_ attempt: Attempt) {
        update(attempt) { $0.abandon(attempt.secret) }
    }

    /// The attempt, counted where its name's are.
    private func counted(_ attempt: Attempt) -> Attempt {
        var attempt = attempt
        if let other = pairs.withPart(of: attempt.pair, { $0[attempt.pair]?.standsFor }) { attempt.pair = other }
        return attempt
    }

    /// Where an attempt counts once the source has said whose name it was: for this and for all further ones.
    private func settle(_ attempt: Attempt, as knownAs: UserName?) -> (Attempt, account: Int) {
        guard let name = knownAs.map(StringPreparation.caseIgnore) else { return (attempt, attempt.account) }
        let pair = Self.pair(name, attempt.network)
        guard pair != attempt.pair else { return (attempt, name.hashValue) }
        update(attempt) {
            $0.abandon(attempt.secret)
            $0.standFor(pair)
        }
        var settled = attempt
        settled.pair = pair
        return (settled, name.hashValue)
    }

    private func update(_ attempt: Attempt, _ change: @Sendable (inout PairState) -> Void) {
        pairs.withPart(of: attempt.pair) { pairs in
            var state = pairs[attempt.pair] ?? PairState()
            change(&state)
            pairs[attempt.pair] = state.isBlank ? nil : state
        }
    }

    private func network(of client: IPAddress?) -> IPNetwork? { options.network(of: client) }
}

/// An attempt that comes too soon after failures.
struct TooSoon: Error {
    /// How long to wait.
    let wait: Duration
}
