import Credentials

/// Who may ask a provider now, and who waits for their turn: a pure state machine.
///
/// So many at once, of which one network has three quarters at most; of those who wait, it is the turn of the network that has the fewest,
/// and in it of who came first. Whoever sends a thousand requests waits for their own, and others pass by.
struct TurnQueue: Sendable {
    /// How many ask at once.
    let maximumAsking: Int
    /// How many wait at most.
    let maximumWaiting: Int
    private var asking: [IPNetwork?: Int] = [:]
    private var waiting: [IPNetwork?: [Int]] = [:]
    private(set) var askingCount = 0
    private(set) var waitingCount = 0
    private var arrivals = 0

    init(maximumAsking: Int, maximumWaiting: Int) {
        (self.maximumAsking, self.maximumWaiting) = (maximumAsking, maximumWaiting)
    }

    /// How many of one network ask at once.
    private var maximumOfNetwork: Int { max(1, maximumAsking * 3 / 4) }
    private var maximumWaitingOfNetwork: Int { max(1, maximumWaiting * 3 / 4) }

    /// What becomes of somebody who comes.
    enum Arrival: Hashable {
        /// It is their turn.
        case turn
        /// They wait, under a number.
        case waiting(Int)
        /// Too many wait.
        case refused
    }

    /// Takes somebody in.
    mutating func arrive(from network: IPNetwork?) -> Arrival {
        if askingCount < maximumAsking, asking[network, default: 0] < maximumOfNetwork, waiting[network] == nil {
            take(network)
            return .turn
        }
        guard waitingCount < maximumWaiting, waiting[network, default: []].count < maximumWaitingOfNetwork else {
            return .refused
        }
        arrivals += 1
        waiting[network, default: []].append(arrivals)
        waitingCount += 1
        return .waiting(arrivals)
    }

    /// Ends somebody's turn.
    /// - Returns: whose turn it is next; nil for nobody's.
    mutating func leave(_ network: IPNetwork?) -> Int? {
        let count = asking[network, default: 0] - 1
        asking[network] = count > 0 ? count : nil
        askingCount -= 1
        let next = waiting.filter { asking[$0.key, default: 0] < maximumOfNetwork }
            .min { ((asking[$0.key] ?? 0), $0.value[0]) < ((asking[$1.key] ?? 0), $1.value[0]) }
        guard askingCount < maximumAsking, let next else { return nil }
        remove(next.value[0], of: next.key)
        take(next.key)
        return next.value[0]
    }

    /// Notes that somebody waits no longer.
    /// - Returns: false if it was their turn already.
    mutating func giveUp(_ number: Int, from network: IPNetwork?) -> Bool {
        guard waiting[network]?.contains(number) ?? false else { return false }
        remove(number, of: network)
        return true
    }

    private mutating func take(_ network: IPNetwork?) {
        asking[network, default: 0] += 1
        askingCount += 1
    }

    private mutating func remove(_ number: Int, of network: IPNetwork?) {
        waiting[network]?.removeAll { $0 == number }
        if waiting[network]?.isEmpty ?? false { waiting[network] = nil }
        waitingCount -= 1
    }
}
