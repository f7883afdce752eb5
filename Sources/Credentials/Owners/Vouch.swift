import Synchronization

/// A source's word for an owner, as long as it is good.
package final class Vouch: Sendable {
    package let principal: Principal
    /// When the source gave it.
    let given: ContinuousClock.Instant
    /// Until when nobody is asked.
    private let restsUntil: ContinuousClock.Instant
    /// For a local source: what it was at, and the source itself.
    private let generation: UInt64?
    private let directory: (any UserDirectory)?
    private let isWithdrawn = Atomic(false)

    init(
        _ principal: Principal, given: ContinuousClock.Instant, restsUntil: ContinuousClock.Instant,
        generation: UInt64? = nil, directory: (any UserDirectory)? = nil
    ) {
        self.principal = principal
        self.given = given
        self.restsUntil = restsUntil
        self.generation = generation
        self.directory = directory
    }

    /// Whether it still counts. Never waits.
    package func isGood(at now: ContinuousClock.Instant) -> Bool {
        guard !isWithdrawn.load(ordering: .acquiring) else { return false }
        guard let generation else { return restsUntil > now }
        return directory?.generation == generation
    }

    /// Makes it count no more, wherever it is remembered.
    package func withdraw() {
        isWithdrawn.store(true, ordering: .releasing)
        Invalidation.note()
    }
}
