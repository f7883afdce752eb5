/// What the throttle knows of one user at one network: a pure state machine.
struct PairState: Sendable {
    private var failures = FailureCount()
    /// Different wrong secrets of the running hour, newest last, with the time of each.
    private var wrong: [(secret: UInt64, at: ContinuousClock.Instant)] = []
    /// Secrets that are being tried right now, and how often each: guesses in parallel must not slip past the count.
    private var trying: [(secret: UInt64, count: Int)] = []
    private var hasSucceeded = false
    /// The key of the state that counts instead: this name is only another spelling of a person's.
    private(set) var standsFor: Int?

    /// Lets another state count from now on, for what a source takes for the same person.
    mutating func standFor(_ key: Int) {
        standsFor = key
    }

    /// Judges an attempt.
    /// - Returns: how long to wait instead; nil to go on. An attempt that goes on must end in ``fail(_:at:_:)``,
    ///   ``succeed(_:)`` or ``abandon(_:)``.
    mutating func admit(_ secret: UInt64, at now: ContinuousClock.Instant, _ options: ThrottleOptions) -> Duration? {
        if let wait = wait(secret, at: now, options) { return wait }
        if let place = trying.firstIndex(where: { $0.secret == secret }) {
            trying[place].count += 1
        } else {
            trying.append((secret, 1))
        }
        return nil
    }

    /// Whether an attempt with a secret would have to wait, without counting it.
    func wait(_ secret: UInt64, at now: ContinuousClock.Instant, _ options: ThrottleOptions) -> Duration? {
        // A robot with an old password has been told already, and a crowd with one secret is one attempt.
        if trying.contains(where: { $0.secret == secret }) { return nil }
        let others = trying.count
        if hasSucceeded {
            let recent = wrong.count { now - $0.at < .seconds(3600) }
            guard recent + others >= options.wrongSecretsPerHour else { return nil }
            return wrong.first.map { max(.seconds(1), .seconds(3600) - (now - $0.at)) } ?? .seconds(1)
        }
        if let wait = failures.wait(at: now) { return wait }
        let count = failures.current(at: now, halfLife: options.halfLife) + Double(others)
        return others > 0 && count + 0.1 >= Double(options.freeFailuresPerUser) ? options.firstDelay : nil
    }

    /// Notes that a secret was wrong.
    /// - Returns: whether this secret had not been tried before, so that it counts.
    mutating func fail(_ secret: UInt64, at now: ContinuousClock.Instant, _ options: ThrottleOptions) -> Bool {
        abandon(secret)
        wrong.removeAll { now - $0.at >= .seconds(3600) }
        guard !wrong.contains(where: { $0.secret == secret }) else { return false }
        if wrong.count >= options.wrongSecretsPerHour { wrong.removeFirst() }
        wrong.append((secret, now))
        failures.fail(at: now, free: options.freeFailuresPerUser, options)
        return true
    }

    /// Notes that a secret was wrong at another node: which one it was nobody tells.
    mutating func failElsewhere(at now: ContinuousClock.Instant, _ options: ThrottleOptions) {
        _ = fail(.random(in: 0 ... .max), at: now, options)
    }

    /// Notes that a secret was right.
    mutating func succeed(_ secret: UInt64) {
        abandon(secret)
        failures.reset()
        hasSucceeded = true
    }

    /// Notes that nobody knows whether a secret was right.
    mutating func abandon(_ secret: UInt64) {
        guard let place = trying.firstIndex(where: { $0.secret == secret }) else { return }
        trying[place].count -= 1
        if trying[place].count == 0 { trying.remove(at: place) }
        // An empty array would keep its memory.
        if trying.isEmpty { trying = [] }
    }

    /// Whether there is nothing to remember.
    var isBlank: Bool { wrong.isEmpty && trying.isEmpty && !hasSucceeded && standsFor == nil }

    /// Whether the user has logged in from this network.
    var isTrusted: Bool { hasSucceeded }
}
