/// Slows down who fails, by user and network and by network, and never locks a user out from elsewhere (rule 9).
final class Throttle: Sendable {
    /// A user at a network.
    private struct Pair: Hashable {
        var network: IPNetwork?
        var userName: String
    }

    let options: ThrottleOptions
    private let pairs: Sharded<LRUCache<Pair, PairState>>
    private let networks: Sharded<LRUCache<IPNetwork?, FailureCount>>
    /// Consecutive failures of each account, over all networks.
    private let accounts: Sharded<LRUCache<String, Int>>

    init(_ options: ThrottleOptions) {
        self.options = options
        pairs = Sharded { LRUCache(capacity: options.capacity / 16) }
        networks = Sharded { LRUCache(capacity: options.capacity / 16) }
        accounts = Sharded { LRUCache(capacity: options.capacity / 16) }
    }

    /// One attempt to log in that the throttle has let pass. It must be ended.
    struct Attempt: Sendable {
        fileprivate let pair: Int
        fileprivate let network: IPNetwork?
        let userName: String
        fileprivate let secret: UInt64
    }

    /// Judges an attempt.
    /// - Returns: the attempt, or how long to wait before the next one.
    func admit(
        _ userName: String, _ tag: CredentialTag, from client: IPAddress?, at now: ContinuousClock.Instant
    ) -> Result<Attempt, TooSoon> {
        let pair = pair(userName, client)
        let networkWait = networks.withPart(of: pair.network.hashValue) { $0[pair.network]?.wait(at: now) }
        let wait = pairs.withPart(of: pair.hashValue) { pairs -> Duration? in
            var state = pairs[pair] ?? PairState()
            if let networkWait, !state.isTrusted { return networkWait }
            let wait = state.admit(tag.short, at: now, options)
            pairs[pair] = state
            return wait
        }
        if let wait { return .failure(TooSoon(wait: wait)) }
        return .success(Attempt(pair: pair.hashValue, network: pair.network, userName: userName, secret: tag.short))
    }

    /// Whether a remembered credential may be answered without asking anybody. Counts nothing.
    func allowsRemembered(
        _ userName: String, _ tag: CredentialTag, from client: IPAddress?, at now: ContinuousClock.Instant
    ) -> Bool {
        let pair = pair(userName, client)
        // Who has not logged in from here goes the long way: a guess must not be answered from memory.
        return pairs.withPart(of: pair.hashValue) { pairs in
            guard let state = pairs[pair], state.isTrusted else { return false }
            return state.wait(tag.short, at: now, options) == nil
        }
    }

    /// Notes that an attempt failed.
    /// - Returns: how many failures in a row the account has had, if this one reaches the number worth an alert.
    func fail(_ attempt: Attempt, at now: ContinuousClock.Instant) -> Int? {
        let pair = Pair(network: attempt.network, userName: attempt.userName)
        let counts = pairs.withPart(of: attempt.pair) { pairs -> Bool in
            var state = pairs[pair] ?? PairState()
            defer { pairs[pair] = state }
            return state.fail(attempt.secret, at: now, options)
        }
        guard counts else { return nil }
        networks.withPart(of: attempt.network.hashValue) { networks in
            var count = networks[attempt.network] ?? FailureCount()
            count.fail(at: now, free: options.freeFailuresPerNetwork, options)
            networks[attempt.network] = count
        }
        let failures = accounts.withPart(of: attempt.userName.hashValue) { accounts -> Int in
            let failures = (accounts[attempt.userName] ?? 0) + 1
            accounts[attempt.userName] = failures
            return failures
        }
        return failures == options.alertAfter ? failures : nil
    }

    /// Notes that an attempt succeeded.
    func succeed(_ attempt: Attempt) {
        update(attempt) { $0.succeed(attempt.secret) }
        accounts.withPart(of: attempt.userName.hashValue) { $0[attempt.userName] = nil }
    }

    /// Notes that an attempt came to nothing: a source was unavailable.
    func abandon(_ attempt: Attempt) {
        update(attempt) { $0.abandon(attempt.secret) }
    }

    private func update(_ attempt: Attempt, _ change: @Sendable (inout PairState) -> Void) {
        let pair = Pair(network: attempt.network, userName: attempt.userName)
        pairs.withPart(of: attempt.pair) { pairs in
            var state = pairs[pair] ?? PairState()
            change(&state)
            pairs[pair] = state
        }
    }

    private func pair(_ userName: String, _ client: IPAddress?) -> Pair {
        let network = client.map {
            IPNetwork($0, prefixLength: $0.bytes.count == 4 ? options.ipv4PrefixLength : options.ipv6PrefixLength)
        }
        return Pair(network: network, userName: userName)
    }
}

/// An attempt that comes too soon after failures.
struct TooSoon: Error {
    /// How long to wait.
    let wait: Duration
}
