import Synchronization

/// How many wait for something. Safe to share.
///
/// All who wait for providers have places together, fewer than the requests that a server answers at once: providers that stall, all of them
/// at the same time, keep nobody from what needs no provider. Each thing that is waited for has some places of its own besides, so that one
/// that stalls does not keep people from those that answer.
final class WaitingCount: Sendable {
    /// All who wait for anything of any provider.
    final class Total: Sendable {
        /// Of this process.
        static let ofProcess = Total(maximum: 896)
        fileprivate let maximum: Int
        fileprivate let count = Atomic<Int>(0)

        init(maximum: Int) { self.maximum = maximum }
    }

    /// How many wait for one thing, however many wait for others.
    static let reserve = 32

    private let total: Total
    private let count = Atomic<Int>(0)

    init(_ total: Total = .ofProcess) { self.total = total }

    /// Takes a place.
    /// - Parameter maximum: how many wait for this at most.
    /// - Returns: whether there was one; if so, ``leave()`` frees it.
    func enter(upTo maximum: Int) -> Bool {
        let own = count.add(1, ordering: .relaxed).newValue
        let all = total.count.add(1, ordering: .relaxed).newValue
        guard own <= maximum, own <= Self.reserve || all <= total.maximum else {
            leave()
            return false
        }
        return true
    }

    func leave() {
        count.subtract(1, ordering: .relaxed)
        total.count.subtract(1, ordering: .relaxed)
    }
}
