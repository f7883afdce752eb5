#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A piece of work that a thread of a lane has begun, and how much of a CPU it has had since.
struct RunningWork: Sendable {
    /// How long it must have run before anything is said about it: a few turns of any scheduler.
    private static let patience = Duration.milliseconds(500)
    /// Less than this part of a CPU is next to nothing. A thread of ``LanePriority/low`` gets twice as much beside one that
    /// is always busy, one of ``LanePriority/leftover`` a tenth.
    private static let share = 0.02

    /// The work itself.
    let body: @Sendable () -> Void
    /// Whether another thread has begun it too.
    var isHelped = false
    private let since = ContinuousClock.now
    private let clock: clockid_t?
    private let before: Duration

    /// Notes that the calling thread begins with it.
    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
        var clock = clockid_t()
        self.clock = pthread_getcpuclockid(pthread_self(), &clock) == 0 ? clock : nil
        self.before = self.clock.flatMap(Self.reading) ?? .zero
    }

    /// Whether others leave it next to nothing. Only while its thread lives.
    func isStarved(at now: ContinuousClock.Instant) -> Bool {
        let elapsed = now - since
        guard elapsed >= Self.patience, let reading = clock.flatMap(Self.reading) else { return false }
        return reading - before < elapsed * Self.share
    }

    /// What a thread's clock shows: the time that it has had a CPU.
    private static func reading(_ clock: clockid_t) -> Duration? {
        var time = timespec()
        guard clock_gettime(clock, &time) == 0 else { return nil }
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
