import Credentials
import Synchronization

/// Counts the connections of clients, over all event loops and listeners.
final class ConnectionRegister: Sendable {
    /// What a connection may be refused for, as the configuration names it.
    enum Limit: String, CaseIterable, Sendable { case connections, connectionsPerAddress }

    private let open = Atomic<Int>(0)
    private let networks = Locked<[IPNetwork: Int]>([:])
    private let refusals = Locked<[Limit: Int]>([:])
    private let given = Atomic<Int>(0)

    /// How many are open.
    var count: Int { open.load(ordering: .relaxed) }

    /// How many idle ones have been closed to make room.
    var madeRoom: Int { given.load(ordering: .relaxed) }

    /// How many were refused for a limit.
    func refused(_ limit: Limit) -> Int { refusals.withLock { $0[limit] ?? 0 } }

    /// Counts one more.
    /// - Returns: how many there are now; ``leave()`` takes it back.
    func enter() -> Int { open.add(1, ordering: .relaxed).newValue }

    func leave() { open.subtract(1, ordering: .relaxed) }

    /// Counts one more of an address, unless it has its limit already.
    /// - Returns: whether it was counted; ``leave(_:)`` takes it back.
    func enter(_ address: IPAddress, limit: Int) -> Bool {
        networks.withLock { networks in
            let count = networks[Self.network(address), default: 0]
            guard count < limit else { return false }
            networks[Self.network(address)] = count + 1
            return true
        }
    }

    func leave(_ address: IPAddress) {
        networks.withLock { networks in
            let network = Self.network(address)
            let rest = (networks[network] ?? 0) - 1
            networks[network] = rest > 0 ? rest : nil
        }
    }

    func noteRefusal(_ limit: Limit) { refusals.withLock { $0[limit, default: 0] += 1 } }

    func noteRoom() { given.add(1, ordering: .relaxed) }

    /// Whoever has an IPv6 address has a network of them.
    private static func network(_ address: IPAddress) -> IPNetwork {
        IPNetwork(address, prefixLength: address.isIPv4 ? 32 : 64)
    }
}
