import Credentials

/// Counts the failed binds of each user, so that the directory locks nobody's account through us.
final class LockoutGuard: Sendable {
    private let limit: Int
    private let window: Duration
    private let failures: Locked<LRUCache<String, [ContinuousClock.Instant]>>

    /// - Parameters:
    ///   - limit: how many failures within the window keep further binds from being sent.
    ///   - window: the time in which failures count.
    init(limit: Int, window: Duration) {
        self.limit = limit
        self.window = window
        failures = Locked(LRUCache(capacity: 65_536))
    }

    /// Whether another bind may be sent. If so it counts as failed until ``succeeded(_:)`` or ``undecided(_:)`` says
    /// otherwise: guesses at the same time must not slip past the limit.
    func admits(_ name: String, at now: ContinuousClock.Instant = .now) -> Bool {
        failures.withLock { failures in
            let recent = (failures[DistinguishedName.comparable(name)] ?? []).filter { now - $0 < window }
            guard recent.count < limit else { return false }
            failures[DistinguishedName.comparable(name)] = recent + [now]
            return true
        }
    }

    /// Notes that the bind was accepted: the directory forgets its failures too.
    func succeeded(_ name: String) {
        failures.withLock { $0[DistinguishedName.comparable(name)] = nil }
    }

    /// Notes that nobody knows what came of the bind, and that it was no refusal.
    func undecided(_ name: String) {
        failures.withLock { failures in
            guard var recent = failures[DistinguishedName.comparable(name)], !recent.isEmpty else { return }
            recent.removeLast()
            failures[DistinguishedName.comparable(name)] = recent.isEmpty ? nil : recent
        }
    }
}
