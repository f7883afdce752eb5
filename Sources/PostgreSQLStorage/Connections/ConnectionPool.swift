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
    /// Look-ups have threads of their own: they never wait behind changes. The same lane where there is but one connection.
    private let lookUps: WorkLane
    /// How many look-ups are under way at once, at most: with few each statement carries more.
    let maximumLookUps: Int
    private let idle = Locked<[Idle]>([])
    private let isClosed = Atomic(false)

    init(_ options: PostgreSQLOptions) {
        self.options = options
        let count = options.maximumConnections
        maximumLookUps = max(1, min(2, count / 2))
        lane = WorkLane(
            name: "postgresql", threads: max(1, count - maximumLookUps), maximumQueued: options.maximumWaiting)
        lookUps =
            count < 2
            ? lane : WorkLane(name: "look-ups", threads: maximumLookUps, maximumQueued: options.maximumWaiting)
    }

    /// How much its threads have to do.
    var statuses: [LaneStatus] { lane === lookUps ? [lane.status] : [lane.status, lookUps.status] }

    /// Runs something on a connection, off all event loops.
    /// - Parameters:
    ///   - isLookUp: whether it looks up one thing alone. Its caller has no timer of its own, which would take as long as what it is for: it waits for those
    ///     before it and for itself, each of which ends in time.
    ///   - body: does it, once; a second time if nothing was sent the first time, as the connection had gone while nobody looked.
    /// - Throws: ``PostgreSQLError``, and `SourceFailure` where too many wait.
    func run<T: Sendable>(
        isLookUp: Bool = false, _ body: @escaping @Sendable (PostgreSQLConnection) throws(PostgreSQLError) -> T
    ) async throws(SourceFailure) -> T {
        // Two statements, and a connection between them.
        let patience = options.connectTimeout + options.statementTimeout * 2
        let deadline = ContinuousClock.now + patience
        let result: Result<T, PostgreSQLError> = try await (isLookUp ? lookUps : lane).run(
            deadline: isLookUp ? nil : patience
        ) { [self] in attempt(until: deadline, body) }
        switch result {
        case .success(let value): return value
        case .failure(let error): throw error.failure
        }
    }

    private func attempt<T: Sendable>(
        until deadline: ContinuousClock.Instant, _ body: (PostgreSQLConnection) throws(PostgreSQLError) -> T
    ) -> Result<T, PostgreSQLError> {
        guard .now < deadline else {
            return .failure(
                PostgreSQLError(kind: .timedOut, state: "", message: "others took too long", wasSent: false))
        }
        var result = once(body)
        // The connections that were left idle may all be gone: at most each of them is tried.
        for _ in 0..<options.maximumConnections {
            guard case .failure(let error) = result, !error.wasSent, error.kind == .unreachable, .now < deadline else {
                break
            }
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
        lookUps.stop()
    }
}
