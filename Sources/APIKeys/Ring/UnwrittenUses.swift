import Credentials
import Foundation

/// Uses of keys that are still to be written: when, in the key itself, and from where, in a table beside it.
final class UnwrittenUses: Sendable {
    /// From where a key was used.
    private struct Origin: Sendable {
        var date: Date
        var client: IPAddress?
        var userAgent: String?
    }

    /// What is written at one time.
    struct Batch: Sendable {
        fileprivate var keys: [KnownKey] = []
        fileprivate(set) var uses: [UUID: KeyUse] = [:]
        var isEmpty: Bool { uses.isEmpty }
    }

    /// How long a use of a key may wait for the next one of the same key.
    private static let gathering: TimeInterval = 60
    /// How many origins are kept for one sixteenth of the keys; past it newer ones are passed over until the next batch.
    private static let maximumOrigins = 512

    private let used = Locked<[KnownKey]>([])
    private let origins = Sharded<[UUID: Origin]> { [:] }

    func note(_ key: KnownKey, at date: Date) {
        guard key.uses.use(at: date) else { return }
        used.withLock { $0.append(key) }
    }

    /// Keeps where a use came from; of uses within a minute the first one's.
    func noteOrigin(of id: UUID, at date: Date, client: IPAddress?, userAgent: () -> String?) {
        origins.withPart(of: id.hashValue) { origins in
            if let known = origins[id] {
                guard date.timeIntervalSince(known.date) >= Self.gathering || known.client != client else { return }
            } else {
                guard origins.count < Self.maximumOrigins else { return }
            }
            origins[id] = Origin(date: date, client: client, userAgent: userAgent())
        }
    }

    /// How many keys have one that is not written.
    var count: Int { used.withLock { $0.count } }

    /// The latest use of each key that has one that is not written.
    var pending: [UUID: KeyUse] { uses(of: used.withLock { $0 }) }

    /// Takes the uses that are due.
    /// - Parameter all: those too that are not.
    func take(at date: Date, all: Bool) -> Batch {
        let keys = used.withLock { used in
            let isDue = { (key: KnownKey) in all || date.timeIntervalSince(key.uses.lastWrite) >= Self.gathering }
            let due = used.filter(isDue)
            used.removeAll(where: isDue)
            return due
        }
        for key in keys {
            key.uses.noteWrite(at: date)
            // Before their uses are read: a later one lists the key again.
            key.uses.unlist()
        }
        let batch = Batch(keys: keys, uses: uses(of: keys))
        for id in batch.uses.keys { origins.withPart(of: id.hashValue) { $0[id] = nil } }
        return batch
    }

    func putBack(_ batch: Batch) {
        for key in batch.keys { key.uses.noteWrite(at: .distantPast) }
        used.withLock { $0 += batch.keys }
    }

    private func uses(of keys: [KnownKey]) -> [UUID: KeyUse] {
        var uses: [UUID: KeyUse] = [:]
        for key in keys {
            let id = key.record.id
            guard let date = key.uses.latest, date > uses[id]?.date ?? .distantPast else { continue }
            let origin = origins.withPart(of: id.hashValue) { $0[id] }
            uses[id] = KeyUse(
                date: date, client: origin?.client.map { "\($0)" }, userAgent: origin?.userAgent)
        }
        return uses
    }
}
