import Synchronization

/// Whether somebody has waited for a server for too long. It is on the way of every request of every thread, so there is
/// no lock in it: what a race between two of its steps can spoil is a moment's suspicion.
///
/// A server that has kept somebody waiting is suspect before it has failed: if there is another, nobody else has to wait
/// for the same deadline.
final class Responsiveness: Sendable {
    /// How long an answer may take before the server is suspect, in milliseconds.
    private static let patience: Int64 = 300

    private let epoch = ContinuousClock.now
    private let pending = Atomic<Int>(0)
    /// When the longest wait began, in milliseconds since the epoch: at the last answer at the latest.
    private let waitingSince = Atomic<Int64>(0)

    /// Whether somebody has waited for too long.
    func isSuspect(at now: ContinuousClock.Instant) -> Bool {
        pending.load(ordering: .relaxed) > 0
            && milliseconds(now) - waitingSince.load(ordering: .relaxed) > Self.patience
    }

    /// Notes that something was asked.
    func begin(at now: ContinuousClock.Instant) {
        if pending.add(1, ordering: .relaxed).oldValue == 0 {
            waitingSince.store(milliseconds(now), ordering: .relaxed)
        }
    }

    /// Notes that what was asked has come to an end.
    /// - Parameter isAnswer: whether the server answered: then it answers the others too.
    func end(at now: ContinuousClock.Instant, isAnswer: Bool) {
        pending.subtract(1, ordering: .relaxed)
        if isAnswer { waitingSince.store(milliseconds(now), ordering: .relaxed) }
    }

    private func milliseconds(_ now: ContinuousClock.Instant) -> Int64 {
        let (seconds, attoseconds) = (now - epoch).components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}
