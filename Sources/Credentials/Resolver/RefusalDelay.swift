import Synchronization

/// Holds refusals back until a fixed time after the credential arrived, so that their time tells nothing (rule 5).
///
/// The number that wait is bounded: memory must not grow with an attacker's connections.
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

    /// Takes a place among those that wait.
    /// - Returns: the place; nil if too many wait already.
    func hold(since arrival: ContinuousClock.Instant) -> RefusalHold? {
        guard waiting.add(1, ordering: .relaxed).newValue <= limit || delay <= .zero else {
            leave()
            return nil
        }
        return RefusalHold(until: arrival + delay, delay: self)
    }

    fileprivate func leave() {
        waiting.subtract(1, ordering: .relaxed)
    }
}

/// A refusal's place among those that wait for their time; letting go of it frees the place.
///
/// Waiting holds no thread. A server that can set a timer of its own need not even keep a task for it: see ``until``.
public final class RefusalHold: Sendable {
    /// The refusal must not be answered before this.
    public let until: ContinuousClock.Instant
    private let delay: RefusalDelay

    fileprivate init(until: ContinuousClock.Instant, delay: RefusalDelay) {
        self.until = until
        self.delay = delay
    }

    deinit { delay.leave() }

    /// Waits for the time. Returns at once if the task is cancelled: nobody is left to be told.
    public func wait() async {
        guard until > .now else { return }
        try? await Task.sleep(until: until, tolerance: .zero, clock: .continuous)
    }
}
