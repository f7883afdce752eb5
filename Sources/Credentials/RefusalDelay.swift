import Synchronization

/// Holds refusals back until a fixed time after the credential arrived, so that their time tells nothing (rule 5).
///
/// Waiting holds no thread. The number that wait is bounded: memory must not grow with an attacker's connections.
final class RefusalDelay: Sendable {
    private let delay: Duration
    private let limit: Int
    private let waiting = Atomic<Int>(0)

    /// - Parameters:
    ///   - delay: how long after its arrival a refusal is answered at the earliest.
    ///   - limit: how many may wait at once.
    init(delay: Duration, limit: Int) {
        self.delay = delay
        self.limit = limit
    }

    /// Waits until the delay has passed since `arrival`.
    /// - Returns: false at once if too many wait already.
    func hold(since arrival: ContinuousClock.Instant) async -> Bool {
        guard delay > .zero else { return true }
        guard waiting.add(1, ordering: .relaxed).newValue <= limit else {
            waiting.subtract(1, ordering: .relaxed)
            return false
        }
        defer { waiting.subtract(1, ordering: .relaxed) }
        // A cancelled request has nobody left to tell: no need to wait on.
        try? await Task.sleep(until: arrival + delay, tolerance: .zero, clock: .continuous)
        return true
    }
}
