import Synchronization

/// Connections that are kept for the next request. Each is used by one thread at a time.
///
/// There are never more than the lane has threads, so the pool itself needs no limit and nobody waits for it.
final class ConnectionPool: Sendable {
    private let idle = Mutex<[LDAPConnection]>([])
    private let connect: @Sendable () throws(LDAPError) -> LDAPConnection

    /// - Parameter connect: makes a connection that is ready for use.
    init(connect: @escaping @Sendable () throws(LDAPError) -> LDAPConnection) {
        self.connect = connect
    }

    /// Does something with a connection: a kept one, or a new one.
    ///
    /// If a kept connection turns out to be dead, `body` is run once more on a new one. That is safe for a bind too: a
    /// password that a server refused is not what breaks a connection.
    func with<T>(_ body: (LDAPConnection) throws(LDAPError) -> T) throws(LDAPError) -> T {
        if let kept = idle.withLock({ $0.popLast() }) {
            do {
                return try use(kept, body)
            } catch  where error.isStaleConnection {
                // The others are of the same age: the server went away and came back.
                idle.withLock { $0.removeAll() }
            }
        }
        return try use(try connect(), body)
    }

    private func use<T>(
        _ connection: LDAPConnection, _ body: (LDAPConnection) throws(LDAPError) -> T
    ) throws(LDAPError) -> T {
        do {
            let result = try body(connection)
            idle.withLock { $0.append(connection) }
            return result
        } catch {
            if !error.breaksConnection { idle.withLock { $0.append(connection) } }
            throw error
        }
    }
}
