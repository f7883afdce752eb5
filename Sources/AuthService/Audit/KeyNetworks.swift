import Credentials
import Foundation

/// From which networks keys are used: counted within an hour, for an alert.
final class KeyNetworks: Sendable {
    private struct Hour: Sendable {
        var begun: ContinuousClock.Instant
        var networks: Set<IPNetwork> = []
    }

    let limit: Int
    private let hours: Sharded<LRUCache<UUID, Hour>>

    /// - Parameter limit: how many networks are no alert; 0 to count nothing.
    init(limit: Int) {
        self.limit = limit
        hours = Sharded { LRUCache(capacity: 4096) }
    }

    /// Notes a use.
    /// - Returns: how many networks there are, if this one is the first above the limit.
    func note(_ id: UUID, _ client: IPAddress?, at now: ContinuousClock.Instant) -> Int? {
        guard limit > 0, let client else { return nil }
        let network = IPNetwork(client, prefixLength: client.isIPv4 ? 24 : 48)
        return hours.withPart(of: id.hashValue) { hours -> Int? in
            var hour = hours[id] ?? Hour(begun: now)
            if now - hour.begun >= .seconds(3600) { hour = Hour(begun: now) }
            // Once told, it is told no more in this hour.
            guard hour.networks.count <= limit, hour.networks.insert(network).inserted else { return nil }
            hours[id] = hour
            return hour.networks.count > limit ? hour.networks.count : nil
        }
    }
}
