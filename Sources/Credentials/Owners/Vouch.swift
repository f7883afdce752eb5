import Synchronization

/// A source's word for an owner, as long as it is good.
package final class Vouch: Sendable {
    /// A source that can be asked at no cost, as it was when the word was given.
    struct Watched: Sendable {
        let directory: any UserDirectory
        let generation: UInt64

        var isAsItWas: Bool { directory.generation == generation }
    }

    package let principal: Principal
    /// When the source gave it.
    let given: ContinuousClock.Instant
    /// Until when nobody is asked.
    private let restsUntil: ContinuousClock.Instant
    /// For a local source: what it was at, and the source itself.
    private let generation: UInt64?
    private let directory: (any UserDirectory)?
    /// The sources that had nobody of the same name.
    private let watched: [Watched]
    /// Whether its time ends it also where the source is asked at no cost: others are asked about the name.
    private let isTimed: Bool
    private let isWithdrawn = Atomic(false)

    init(
        _ principal: Principal, given: ContinuousClock.Instant, restsUntil: ContinuousClock.Instant,
        generation: UInt64? = nil, directory: (any UserDirectory)? = nil, watched: [Watched] = [],
        isTimed: Bool = false
    ) {
        self.isTimed = isTimed
        self.watched = watched
        self.principal = principal
        self.given = given
        self.restsUntil = restsUntil
        self.generation = generation
        self.directory = directory
    }

    /// Whether it still counts. Never waits.
    package func isGood(at now: ContinuousClock.Instant) -> Bool {
        guard !isWithdrawn.load(ordering: .acquiring) else { return false }
        guard watched.allSatisfy(\.isAsItWas) else { return false }
        guard let generation else { return restsUntil > now }
        guard !isTimed || restsUntil > now else { return false }
        return directory?.generation == generation
    }

    /// Makes it count no more, wherever it is remembered.
    package func withdraw() {
        isWithdrawn.store(true, ordering: .releasing)
        Invalidation.note()
    }
}
