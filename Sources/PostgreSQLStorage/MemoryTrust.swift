import Credentials
import Synchronization

/// Until when a node may trust what it remembers: as long as it hears what other nodes do, and one second more. Safe to share.
public final class MemoryTrust: Sendable {
    private static let start = ContinuousClock.now
    /// In nanoseconds since the program began.
    private let until = Atomic<Int64>(.min)

    /// Trusts nothing yet.
    init() {}

    /// Whether memory is trusted. Never waits.
    /// - Parameter now: the time.
    public func isGood(at now: ContinuousClock.Instant) -> Bool {
        Self.nanoseconds(now) < until.load(ordering: .acquiring)
    }

    /// Trusts up to a time.
    func extend(to instant: ContinuousClock.Instant) { until.store(Self.nanoseconds(instant), ordering: .releasing) }

    private static func nanoseconds(_ instant: ContinuousClock.Instant) -> Int64 {
        let (seconds, rest) = (instant - start).components
        return seconds * 1_000_000_000 + rest / 1_000_000_000
    }
}
