import Credentials
import Synchronization

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
    private let connect: @Sendable (Deadline) throws(LDAPError) -> LDAPConnection

    /// - Parameters:
    ///   - maximumIdle: how long a connection is kept without use: less than the server keeps it.
    ///   - connect: makes a connection that is ready for use.
    init(maximumIdle: Duration, connect: @escaping @Sendable (Deadline) throws(LDAPError) -> LDAPConnection) {
        self.maximumIdle = maximumIdle
        self.connect = connect
    }

    /// Does something with a connection: a kept one, or a new one.
    ///
    /// If a kept connection turns out to be dead, `body` is run once more on a new one. That is safe for a bind too: a
    /// password that a server refused is not what breaks a connection, and one that it has not read was not tried.
    func with<T>(_ deadline: Deadline, _ body: (LDAPConnection) throws(LDAPError) -> T) throws(LDAPError) -> T {
        if let kept = idle.withLock({ $0.popLast() }) {
            do {
                return try use(kept.connection, body)
            } catch  where error.isStaleConnection && !deadline.hasPassed {
                // The others are of the same age: the server went away and came back.
                clear()
            }
        }
        return try use(try connect(deadline), body)
    }

    /// Closes connections that nobody has used for too long.
    func closeIdle() {
        let oldest = ContinuousClock.now - maximumIdle
        let closed = idle.withLock { idle in
            let count = idle.prefix { $0.since < oldest }.count
            defer { idle.removeFirst(count) }
            return Array(idle.prefix(count))
        }
        // Closing says goodbye to the server: not under the lock.
        _ = closed
    }

    /// Closes all that are not in use.
    func clear() {
        _ = idle.withLock { idle in
            defer { idle = [] }
            return idle
        }
    }

    private func use<T>(
        _ connection: LDAPConnection, _ body: (LDAPConnection) throws(LDAPError) -> T
    ) throws(LDAPError) -> T {
        do {
            let result = try body(connection)
            keep(connection)
            return result
        } catch {
            if !error.breaksConnection { keep(connection) }
            throw error
        }
    }

    private func keep(_ connection: LDAPConnection) {
        let entry = Idle(connection: connection, since: .now)
        idle.withLock { $0.append(entry) }
    }
}
