import Credentials

/// A token that was verified lately: an object, so that finding it copies nothing.
final class KnownToken: PrincipalRenewal {
    let principal: Principal
    private let until: Locked<ContinuousClock.Instant>

    init(_ principal: Principal, until: ContinuousClock.Instant) {
        (self.principal, self.until) = (principal, Locked(until))
    }

    func renew(at now: ContinuousClock.Instant) -> Bool { now < until.withLock { $0 } }

    /// Notes that the same token was verified once more.
    func extend(until instant: ContinuousClock.Instant) { until.withLock { $0 = max($0, instant) } }

    /// Makes it count no more, wherever it is remembered.
    func end(at now: ContinuousClock.Instant) { until.withLock { $0 = now } }
}
