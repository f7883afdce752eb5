import Credentials
import Synchronization

/// How far a node may rely on what it remembers. Safe to share.
///
/// As long as it hears what other nodes do, and one second more; and while nobody can be asked, as the database is away, for a grace after it
/// was last heard.
public final class MemoryTrust: Sendable {
    private static let start = ContinuousClock.now
    private let grace: Int64
    /// In nanoseconds since the program began: until when it is trusted for having been heard, until when for an outage, and when it was heard last.
    private let heardUntil = Atomic<Int64>(.min)
    private let outageUntil = Atomic<Int64>(.min)
    private let lastHeard = Atomic<Int64>(.min)

    /// Trusts nothing yet.
    /// - Parameter grace: for how long what is known goes on while the database is away.
    init(grace: Duration) { self.grace = Self.nanoseconds(grace) }

    /// Whether memory is trusted. Never waits.
    /// - Parameter now: the time.
    public func isGood(at now: ContinuousClock.Instant) -> Bool {
        let time = Self.nanoseconds(now)
        if time < heardUntil.load(ordering: .acquiring) { return true }
        let heard = lastHeard.load(ordering: .acquiring)
        return time < outageUntil.load(ordering: .acquiring) && heard != .min && time < heard + grace
    }

    /// Whether it hears what other nodes do. Never waits.
    public var isHearing: Bool { Self.nanoseconds(.now) < heardUntil.load(ordering: .acquiring) }

    /// Notes that it was heard what had happened up to a time.
    func noteHeard(at instant: ContinuousClock.Instant, trustedFor time: Duration) {
        let heard = Self.nanoseconds(instant)
        outageUntil.store(.min, ordering: .releasing)
        lastHeard.store(heard, ordering: .releasing)
        heardUntil.store(heard + Self.nanoseconds(time), ordering: .releasing)
    }

    /// Notes that the database does not answer, which is taken to be so up to a time.
    func noteOutage(until instant: ContinuousClock.Instant) {
        outageUntil.store(Self.nanoseconds(instant), ordering: .releasing)
    }

    private static func nanoseconds(_ instant: ContinuousClock.Instant) -> Int64 { nanoseconds(instant - start) }

    private static func nanoseconds(_ duration: Duration) -> Int64 {
        let (seconds, rest) = duration.components
        return seconds * 1_000_000_000 + rest / 1_000_000_000
    }
}
