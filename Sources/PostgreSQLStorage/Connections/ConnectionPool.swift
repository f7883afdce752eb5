import Credentials
import Synchronization

/// A bounded number of connections, each used by one thread of a lane at a time.
///
/// One that broke is closed, and another is opened for the next statement: a fail-over needs no help. Safe to share.
final class ConnectionPool: Sendable {
    /// A connection that nobody uses.
    ///
    /// `@unchecked Sendable`: it is in the pool's list or in the hands of one thread, never both: the lock of the list hands it on.
    private struct Idle: @unchecked Sendable { let connection: PostgreSQLConnection }

    let options: PostgreSQLOptions
    private let lane: WorkLane
    private let idle = Locked<[Idle]>([])
    private let isClosed = Atomic(false)

    init(_ options: PostgreSQLOptions) {
        self.options = options
        lane = WorkLane(
            name: "postgresql", threads: options.maximumConnections, maximumQueued: options.maximumWaiting)
    }

    /// How much its threads have to do.
    var status: LaneStatus { lane.status }

    /// Runs something on a connection, off all event loops.
    /// - Parameter body: does it, once; a second time if nothing was sent the first time, as the connection had gone while nobody looked.
    /// - Throws: ``PostgreSQLError``, and `SourceFailure` where too many wait.
    func run<T: Sendable>(
        _ body: @escaping @Sendable (PostgreSQLConnection) throws(PostgreSQLError) -> T
    ) async throws(SourceFailure) -> T {
        // Two statements, and a connection between them.
        let deadline = options.connectTimeout + options.statementTimeout * 2
        let result: Result<T, PostgreSQLError> = try await lane.run(deadline: deadline) { [self] in attempt(body) }
        switch result {
        case .success(let value): return value
        case .failure(let error): throw error.failure
        }
    }

    private func attempt<T: Sendable>(
        _ body: (PostgreSQLConnection) throws(PostgreSQLError) -> T
    ) -> Result<T, PostgreSQLError> {
        var result = once(body)
        // The connections that were left idle may all be gone: at most each of them is tried.
        for _ in 0..<options.maximumConnections {
            guard case .failure(let error) = result, !error.wasSent, error.kind == .unreachable else { break }
            result = once(body)
        }
        return result
    }

    private func once<T: Sendable>(
        _ body: (PostgreSQLConnection) throws(PostgreSQLError) -> T
    ) -> Result<T, PostgreSQLError> {
        do throws(PostgreSQLError) {
            let connection: PostgreSQLConnection
            if let kept = idle.withLock({ $0.popLast() }) {
                connection = kept.connection
            } else {
                connection = try PostgreSQLConnection.open(options)
            }
            defer { giveBack(connection) }
            return .success(try body(connection))
        } catch {
            return .failure(error)
        }
    }

    private func giveBack(_ connection: PostgreSQLConnection) {
        guard !connection.isBroken, !isClosed.load(ordering: .acquiring) else { return }
        let entry = Idle(connection: connection)
        idle.withLock { $0.append(entry) }
    }

    /// Closes the connections that nobody uses; those in use are closed when they are given back.
    func close() {
        isClosed.store(true, ordering: .releasing)
        idle.withLock { $0 = [] }
        lane.stop()
    }
}
