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
        fileprivate let pair: Int
        fileprivate let network: Int
        fileprivate let account: Int
        let userName: String
        fileprivate let secret: UInt64

        fileprivate init(_ userName: String, _ tag: CredentialTag, _ network: IPNetwork?) {
            var hasher = Hasher()
            hasher.combine(network)
            hasher.combine(userName)
            pair = hasher.finalize()
            self.network = network.hashValue
            account = userName.hashValue
            self.userName = userName
            secret = tag.short
        }
    }

    /// Judges an attempt.
    /// - Returns: the attempt, or how long to wait before the next one.
    func admit(
        _ userName: String, _ tag: CredentialTag, from client: IPAddress?, at now: ContinuousClock.Instant
    ) -> Result<Attempt, TooSoon> {
        let attempt = Attempt(userName, tag, network(of: client))
        let networkWait = networks.withPart(of: attempt.network) { $0[attempt.network]?.wait(at: now) }
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
        _ userName: String, _ tag: CredentialTag, from client: IPAddress?, at now: ContinuousClock.Instant
    ) -> Bool {
        let attempt = Attempt(userName, tag, network(of: client))
        // Who has not logged in from here goes the long way: a guess must not be answered from memory.
        return pairs.withPart(of: attempt.pair) { pairs in
            guard let state = pairs[attempt.pair], state.isTrusted else { return false }
            return state.wait(attempt.secret, at: now, options) == nil
        }
    }

    /// Notes that an attempt failed.
    /// - Returns: how many failures in a row the account has had, if this one reaches the number worth an alert.
    func fail(_ attempt: Attempt, at now: ContinuousClock.Instant) -> Int? {
        let counts = pairs.withPart(of: attempt.pair) { pairs -> Bool in
            var state = pairs[attempt.pair] ?? PairState()
            defer { pairs[attempt.pair] = state }
            return state.fail(attempt.secret, at: now, options)
        }
        guard counts else { return nil }
        networks.withPart(of: attempt.network) { networks in
            var count = networks[attempt.network] ?? FailureCount()
            count.fail(at: now, free: options.freeFailuresPerNetwork, options)
            networks[attempt.network] = count
        }
        let failures = accounts.withPart(of: attempt.account) { accounts -> Int in
            let failures = (accounts[attempt.account] ?? 0) + 1
            accounts[attempt.account] = failures
            return failures
        }
        return failures == options.alertAfter ? failures : nil
    }

    /// Notes that an attempt succeeded.
    func succeed(_ attempt: Attempt) {
        update(attempt) { $0.succeed(attempt.secret) }
        accounts.withPart(of: attempt.account) { $0[attempt.account] = nil }
    }

    /// Notes that an attempt came to nothing: a source was unavailable.
    func abandon(_ attempt: Attempt) {
        update(attempt) { $0.abandon(attempt.secret) }
    }

    private func update(_ attempt: Attempt, _ change: @Sendable (inout PairState) -> Void) {
        pairs.withPart(of: attempt.pair) { pairs in
            var state = pairs[attempt.pair] ?? PairState()
            change(&state)
            pairs[attempt.pair] = state.isBlank ? nil : state
        }
    }

    private func network(of client: IPAddress?) -> IPNetwork? {
        client.map {
            IPNetwork($0, prefixLength: $0.isIPv4 ? options.ipv4PrefixLength : options.ipv6PrefixLength)
        }
    }
}

/// An attempt that comes too soon after failures.
struct TooSoon: Error {
    /// How long to wait.
    let wait: Duration
}
