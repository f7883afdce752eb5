import Synchronization

/// How many requests are being answered at once, over all connections (rule 8): each has a task, whose memory must not
/// grow with an attacker's connections. Refusals that only wait for their time are not counted.
final class RequestLimit: Sendable {
    private let maximum: Int
    private let current = Atomic<Int>(0)

    /// - Parameter maximum: how many may be answered at once.
    init(maximum: Int) {
        self.maximum = maximum
    }

    /// Takes a place.
    /// - Returns: whether there is one; if so, ``leave()`` frees it.
    func enter() -> Bool {
        guard current.add(1, ordering: .relaxed).newValue <= maximum else {
            leave()
            return false
        }
        return true
    }

    func leave() {
        current.subtract(1, ordering: .relaxed)
    }
}
