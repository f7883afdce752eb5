import Synchronization

/// How many wait for something. Safe to share.
final class WaitingCount: Sendable {
    private let count = Atomic<Int>(0)

    /// Takes a place.
    /// - Returns: whether there was one; if so, ``leave()`` frees it.
    func enter(upTo maximum: Int) -> Bool {
        guard count.add(1, ordering: .relaxed).newValue <= maximum else {
            leave()
            return false
        }
        return true
    }

    func leave() { count.subtract(1, ordering: .relaxed) }
}
