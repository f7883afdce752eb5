/// A moment by which something has to be done, and what is left until then.
struct Deadline: Sendable {
    private let moment: ContinuousClock.Instant

    /// A moment from now.
    init(in duration: Duration) {
        moment = .now + duration
    }

    /// Whether it has passed.
    var hasPassed: Bool { moment <= .now }

    /// What is left, at most `limit`, and never less than a millisecond: to libldap no time means for ever.
    func remaining(atMost limit: Duration) -> Duration {
        max(.milliseconds(1), min(limit, moment - .now))
    }
}
