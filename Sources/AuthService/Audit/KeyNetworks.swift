import Credentials
import Foundation

/// From which networks keys are used: counted within an hour, for an alert.
final class KeyNetworks: Sendable {
    private struct Hour: Sendable {
        var begun: ContinuousClock.Instant
        /// Most keys have no other, and need no set.
        var first: IPNetwork
        var others: Set<IPNetwork> = []

        var count: Int { others.count + 1 }

        /// - Returns: whether it is a new one.
        mutating func insert(_ network: IPNetwork) -> Bool {
            network != first && others.insert(network).inserted
        }
    }

    let limit: Int
    private let hours: Sharded<LRUCache<UUID, Hour>>

    let capacity: Int

    /// - Parameters:
    ///   - limit: how many networks are no alert; 0 to count nothing.
    ///   - capacity: for how many keys they are counted at most.
    init(limit: Int, capacity: Int) {
        self.limit = limit
        self.capacity = capacity
        hours = Sharded { LRUCache(capacity: capacity / 16) }
    }

    /// Notes a use.
    /// - Returns: how many networks there are, if this one is the first above the limit.
    func note(_ id: UUID, _ client: IPAddress?, at now: ContinuousClock.Instant) -> Int? {
        guard limit > 0, let client else { return nil }
        let network = IPNetwork(client, prefixLength: client.isIPv4 ? 24 : 48)
        return hours.withPart(of: id.hashValue) { hours -> Int? in
            guard var hour = hours[id], now - hour.begun < .seconds(3600) else {
                hours[id] = Hour(begun: now, first: network)
                return nil
            }
            // Once told, it is told no more in this hour.
            guard hour.count <= limit, hour.insert(network) else { return nil }
            hours[id] = hour
            return hour.count > limit ? hour.count : nil
        }
    }
}
