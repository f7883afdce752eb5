import Credentials

/// Connections of one kind to one server that are kept for the next request. Each is used by one thread at a time.
///
/// There are never more than the lane has threads, so the pool itself needs no limit and nobody waits for it.
final class ConnectionPool: Sendable {
    private struct Idle: Sendable {
        var connection: LDAPConnection
        var since: ContinuousClock.Instant
    }

    /// Longest idle first.
    private let idle = Locked<[Idle]>([])
    private let maximumIdle: Duration

    /// - Parameter maximumIdle: how long a connection is kept without use: less than the server keeps it.
    init(maximumIdle: Duration) {
        self.maximumIdle = maximumIdle
    }

    /// How many connections are kept.
    var count: Int { idle.withLock { $0.count } }

    /// A connection that was kept, and that its server has not closed meanwhile.
    func take() -> LDAPConnection? {
        while let kept = idle.withLock({ $0.popLast() }) {
            guard !kept.connection.isClosed else { continue }
            // One that was used a moment ago has had no time to die unseen.
            kept.connection.isKept = ContinuousClock.now - kept.since > .seconds(1)
            return kept.connection
        }
        return nil
    }

    /// Does something with a connection, and keeps it if it is still of use.
    func use<T>(
        _ connection: LDAPConnection, _ body: (LDAPConnection) throws(LDAPError) -> T
    ) throws(LDAPError) -> T {
        defer { if !connection.isBroken { keep(connection) } }
        return try body(connection)
    }

    /// Closes connections that nobody has used for too long.
    func closeIdle() { close(before: .now - maximumIdle) }

    /// Closes all kept connections that were last used before a moment: what killed one has killed those of its age.
    func close(before moment: ContinuousClock.Instant) {
        let closed = idle.withLock { idle in
            let count = idle.prefix { $0.since < moment }.count
            defer { idle.removeFirst(count) }
            return Array(idle.prefix(count))
        }
        // Closing says goodbye to the server: not under the lock.
        _ = closed
    }

    private func keep(_ connection: LDAPConnection) {
        let entry = Idle(connection: connection, since: .now)
        idle.withLock { $0.append(entry) }
    }
}
