/// Whether a server should be asked: a circuit breaker, as a pure state that its caller tells the time. A server that fails
/// rests, each time for longer.
struct ServerHealth: Sendable {
    /// What may be expected of a server.
    enum Prospect: Int, Sendable {
        /// It answers.
        case good
        /// Somebody waits for it already, and has for too long.
        case suspect
        /// It failed, but so fast that trying costs nothing: a refused connection.
        case failsFast
        /// It failed, and took its time over it.
        case resting
    }

    private static let firstRest = Duration.milliseconds(500)
    private static let longestRest = Duration.seconds(30)
    /// What fails sooner than this costs nobody anything.
    private static let fast = Duration.milliseconds(300)

    private var failures = 0
    private var restsUntil: ContinuousClock.Instant?
    private var failsFast = false

    /// What may be expected of it.
    var prospect: Prospect { failures == 0 ? .good : failsFast ? .failsFast : .resting }

    /// Whether its rest is over, so that it should be probed.
    func isDueForProbe(at now: ContinuousClock.Instant) -> Bool {
        restsUntil.map { $0 <= now } ?? false
    }

    /// Notes that it answered, whatever it said.
    mutating func answered() {
        self = ServerHealth()
    }

    /// Notes that it may do better now: it is due for a probe.
    mutating func forgive(at now: ContinuousClock.Instant) {
        if failures > 0 { restsUntil = now }
    }

    /// Notes that it failed.
    /// - Parameter elapsed: how long it took to; nil if it should rest in any case.
    mutating func failed(at now: ContinuousClock.Instant, after elapsed: Duration?) {
        failsFast = elapsed.map { $0 < Self.fast } ?? false
        // A crowd that fails at the same time is one failure: it must not rest for longer because many noticed.
        if let restsUntil, now < restsUntil { return }
        failures += 1
        // 2^16 halves of a second are over the longest rest.
        let rest = Self.firstRest * Double(1 << min(failures - 1, 16))
        restsUntil = now + min(rest, Self.longestRest)
    }
}
