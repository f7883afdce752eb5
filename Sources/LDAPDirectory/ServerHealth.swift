/// Whether a server should be asked: a circuit breaker, as a pure state that its caller tells the time.
///
/// A server that fails rests, each time for longer. One that has kept somebody waiting is suspect before it has failed:
/// if there is another, nobody else has to wait for the same deadline.
struct ServerHealth: Sendable {
    /// What may be expected of a server.
    enum Prospect: Int, Sendable, Comparable {
        /// It answers.
        case good
        /// Somebody waits for it already, and has for too long.
        case suspect
        /// It failed, but so fast that trying costs nothing: a refused connection.
        case failsFast
        /// It failed, and took its time over it.
        case resting

        static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    private static let firstRest = Duration.milliseconds(500)
    private static let longestRest = Duration.seconds(30)
    /// How long an answer may take before the server is suspect.
    private static let patience = Duration.milliseconds(300)

    private var failures = 0
    private var restsUntil: ContinuousClock.Instant?
    private var failsFast = false
    private var pending = 0
    private var unansweredSince: ContinuousClock.Instant?

    /// What may be expected of it now.
    func prospect(at now: ContinuousClock.Instant) -> Prospect {
        if failures > 0 { return failsFast ? .failsFast : .resting }
        if pending > 0, let unansweredSince, now - unansweredSince > Self.patience { return .suspect }
        return .good
    }

    /// Whether its rest is over, so that it should be probed.
    func isDueForProbe(at now: ContinuousClock.Instant) -> Bool {
        restsUntil.map { $0 <= now } ?? false
    }

    /// Notes that something was asked.
    mutating func begin(at now: ContinuousClock.Instant) {
        pending += 1
        if unansweredSince == nil { unansweredSince = now }
    }

    /// Notes that it answered, whatever it said.
    mutating func answered(at now: ContinuousClock.Instant) {
        pending -= 1
        unansweredSince = pending > 0 ? now : nil
        (failures, restsUntil, failsFast) = (0, nil, false)
    }

    /// Notes that it failed.
    /// - Parameter elapsed: how long it took to; nil if it should rest in any case.
    mutating func failed(at now: ContinuousClock.Instant, after elapsed: Duration?) {
        pending -= 1
        if pending == 0 { unansweredSince = nil }
        failsFast = elapsed.map { $0 < Self.patience } ?? false
        // A crowd that fails at the same time is one failure: it must not rest for longer because many noticed.
        if let restsUntil, now < restsUntil { return }
        failures += 1
        // 2^16 halves of a second are over the longest rest.
        let rest = Self.firstRest * Double(1 << min(failures - 1, 16))
        restsUntil = now + min(rest, Self.longestRest)
    }
}
