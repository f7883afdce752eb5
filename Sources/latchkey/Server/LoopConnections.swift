/// A connection that can be closed to make room for another one.
protocol GivingWay: AnyObject {
    /// Where it stands in ``LoopConnections``.
    var place: Int { get set }
    /// Since when the server has been waiting for its client; nil while a request is being answered.
    var waitingSince: ContinuousClock.Instant? { get }
    /// Closes it.
    func giveWay()
}

/// The connections of clients on one event loop. Touched by that loop alone.
final class LoopConnections {
    /// How many are looked at to find one that gives way: the longest waiting of all would take a look at each, at every connection of a flood.
    private static let sample = 16

    private var members: [any GivingWay] = []

    func add(_ connection: any GivingWay) {
        connection.place = members.count
        members.append(connection)
    }

    func remove(_ connection: any GivingWay) {
        let place = connection.place
        guard members.indices.contains(place), members[place] === connection else { return }
        let last = members.removeLast()
        guard place < members.count else { return }
        members[place] = last
        last.place = place
    }

    /// Closes one that the server has been waiting for long.
    /// - Returns: false if none was found that waits.
    func makeRoom() -> Bool {
        let chosen = (0..<min(Self.sample, members.count)).compactMap { _ in members.randomElement() }
        let waiting = chosen.compactMap { member in member.waitingSince.map { (member: member, since: $0) } }
        guard let longest = waiting.min(by: { $0.since < $1.since }) else { return false }
        // At once: it ends a little later, and must not be chosen a second time until then.
        remove(longest.member)
        longest.member.giveWay()
        return true
    }
}
