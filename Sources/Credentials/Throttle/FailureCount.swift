/// Failures that are forgiven with time, and the wait that they cost: a pure state, told the time by its caller.
struct FailureCount: Sendable {
    private var count = 0.0
    private var last: ContinuousClock.Instant?
    private(set) var blockedUntil: ContinuousClock.Instant?

    /// Failures that are not forgiven yet.
    func current(at now: ContinuousClock.Instant, halfLife: Duration) -> Double {
        guard let last, count > 0 else { return 0 }
        return count * exp2(-max(0, (now - last) / halfLife))
    }

    /// Notes a failure.
    mutating func fail(at now: ContinuousClock.Instant, free: Int, _ options: ThrottleOptions) {
        count = current(at: now, halfLife: options.halfLife) + 1
        last = now
        // A moment's forgiveness must not make four failures in a row three.
        let costly = (count - Double(free) + 0.1).rounded(.down)
        guard costly >= 1 else { return }
        // 2^40 times anything is over the maximum: no need to overflow on the way there.
        let delay = options.firstDelay * exp2(min(40, costly - 1))
        blockedUntil = now + min(delay, options.maximumDelay)
    }

    /// How long the next attempt has to wait.
    func wait(at now: ContinuousClock.Instant) -> Duration? {
        blockedUntil.flatMap { $0 > now ? $0 - now : nil }
    }

    /// Forgives everything.
    mutating func reset() {
        self = FailureCount()
    }
}

/// 2 to a power.
private func exp2(_ power: Double) -> Double {
    var (result, whole) = (1.0, power.rounded(.towardZero))
    let fraction = power - whole
    while whole > 0 { (result, whole) = (result * 2, whole - 1) }
    while whole < 0, result > 1e-12 { (result, whole) = (result / 2, whole + 1) }
    // Between whole powers a straight line is near enough: this is forgiveness, not physics.
    return fraction >= 0 ? result * (1 + fraction) : result * (1 + fraction / 2)
}
