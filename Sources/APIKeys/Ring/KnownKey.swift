import Credentials
import Foundation
import Synchronization

/// A key that was used lately, with when: an object, so that finding it copies nothing and a use of it writes one number.
final class KnownKey: Sendable {
    let record: APIKeyRecord
    /// The rule of the policy that blocks it.
    let rule: APIKeyPolicy.Rule?
    /// What lets it in, as far as that is known.
    private let admitted = Locked<Admission?>(nil)
    /// The latest use, in microseconds since 1970; 0 for none.
    private let used = Atomic<Int64>(0)
    /// Whether it is in the list of those whose use is still to be written.
    private let isListed = Atomic(false)

    /// When its use was last written, in microseconds since 1970.
    private let written = Atomic<Int64>(0)

    init(_ record: APIKeyRecord, rule: APIKeyPolicy.Rule?) {
        self.record = record
        self.rule = rule
    }

    /// When its use was last written.
    var lastWrite: Date {
        get { Date(timeIntervalSince1970: Double(written.load(ordering: .relaxed)) / 1_000_000) }
        set { written.store(max(0, Int64(max(0, newValue.timeIntervalSince1970) * 1_000_000)), ordering: .relaxed) }
    }

    /// What lets it in without a look at anything else; nil if that is not known.
    var admission: Admission? {
        get { admitted.withLock { $0 } }
        set { admitted.withLock { $0 = newValue } }
    }

    /// Notes a use.
    /// - Returns: whether it must be put into the list.
    func use(at date: Date) -> Bool {
        used.store(Int64(date.timeIntervalSince1970 * 1_000_000), ordering: .relaxed)
        guard !isListed.load(ordering: .relaxed) else { return false }
        return !isListed.exchange(true, ordering: .acquiringAndReleasing)
    }

    /// Takes it out of the list.
    func unlist() { isListed.store(false, ordering: .releasing) }

    /// The latest use; nil for none.
    var lastUse: Date? {
        let used = used.load(ordering: .relaxed)
        return used == 0 ? nil : Date(timeIntervalSince1970: Double(used) / 1_000_000)
    }
}

/// What lets a known key in without a look at anything else: its owner as their source has vouched for them.
final class Admission: Sendable {
    /// The owner, come in by the key.
    let principal: Principal
    let vouch: Vouch

    init(_ principal: Principal, _ vouch: Vouch) {
        self.principal = principal
        self.vouch = vouch
    }
}

/// A source's word for an owner, as long as it is good.
final class Vouch: Sendable {
    let principal: Principal
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
    func isGood(at now: ContinuousClock.Instant) -> Bool {
        guard !isWithdrawn.load(ordering: .acquiring) else { return false }
        guard let generation else { return restsUntil > now }
        return directory?.generation == generation
    }

    /// Makes it count no more, wherever it is remembered.
    func withdraw() {
        isWithdrawn.store(true, ordering: .releasing)
        Invalidation.note()
    }
}
