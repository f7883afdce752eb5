import Credentials

/// Tells somebody of each reload of a file, in order, one after the other and each until it is taken. Safe to share.
final class HtpasswdFollower: Sendable {
    /// How many reloads wait at most to be told: each keeps a file in memory.
    private static let maximumUntold = 8

    private let body = Locked<(@Sendable (HtpasswdReload) async -> Bool)?>(nil)
    private let untold = Locked<[HtpasswdReload]>([])
    private let isTelling = Locked(false)

    /// Says who is told from now on.
    /// - Parameter body: returns false to be told again.
    func follow(_ body: @escaping @Sendable (HtpasswdReload) async -> Bool) { self.body.withLock { $0 = body } }

    /// Notes a reload, to be told. Where nobody wants to know nothing is kept.
    /// - Returns: false if too many wait already: it will not be told.
    func note(_ reload: HtpasswdReload) -> Bool {
        guard body.withLock({ $0 != nil }) else { return true }
        return untold.withLock { untold in
            guard untold.count < Self.maximumUntold else { return false }
            untold.append(reload)
            return true
        }
    }

    /// Tells what was not told yet.
    func tell() async {
        let isFirst = isTelling.withLock { isTelling in
            defer { isTelling = true }
            return !isTelling
        }
        guard isFirst else { return }
        defer { isTelling.withLock { $0 = false } }
        while let reload = untold.withLock({ $0.first }), let body = body.withLock({ $0 }) {
            guard await body(reload) else { return }
            untold.withLock { if !$0.isEmpty { $0.removeFirst() } }
        }
    }
}
