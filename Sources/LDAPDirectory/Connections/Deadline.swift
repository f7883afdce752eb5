/// A moment by which something has to be done, and what is left until then.
struct Deadline: Sendable {
    /// The moment itself.
    let moment: ContinuousClock.Instant

    /// A moment from now.
    init(in duration: Duration) {
        moment = .now + duration
    }

    private init(at moment: ContinuousClock.Instant) {
        self.moment = moment
    }

    /// Whether it has passed.
    var hasPassed: Bool { moment <= .now }

    /// What is left, at most `limit`, and never less than a millisecond: to libldap no time means for ever.
    func remaining(atMost limit: Duration) -> Duration {
        max(.milliseconds(1), min(limit, moment - .now))
    }

    /// What is left in whole milliseconds, rounded up.
    var milliseconds: Int64 { max(0, Int64(((moment - .now) / .milliseconds(1)).rounded(.up))) }

    /// The same moment, or one `limit` from now, whichever is first.
    func within(_ limit: Duration) -> Deadline { Deadline(at: min(moment, .now + limit)) }

    /// An even share of what is left: for the first of so many things that may each take it all.
    func part(of count: Int) -> Deadline {
        Deadline(at: .now + max(.zero, moment - .now) / max(1, count))
    }
}
