public import APIKeys
public import Credentials
import Foundation
public import Logging
import Sessions

/// The store of several nodes: a PostgreSQL database (15 or newer).
///
/// What one node ends, all know: each revocation, rotation and end of a session is told to all nodes in its own transaction
/// (`NOTIFY`), and ``listen(_:)`` tells who remembers something. Safe to share.
public final class PostgreSQLStore: Sendable {
    /// What was done, and how long it took.
    public let metrics = StoreMetrics()
    let pool: ConnectionPool
    /// Look-ups of keys, gathered.
    let lookups: APIKeyLookups
    let options: PostgreSQLOptions
    let logger: Logger?
    private let listener: ChangeListener
    /// What this node calls itself where nodes tell each other something.
    let node = String(UInt64.random(in: 0 ... .max), radix: 16)
    /// When a failure was last told of in the log, and how many there were since.
    private let told = Locked<(last: ContinuousClock.Instant?, count: Int)>((nil, 0))
    /// Failures that are still to be told.
    let failures = Locked<[CountedFailure]>([])

    /// Opens the store: connects, and brings the tables up to date. Blocks: call it while starting.
    /// - Parameters:
    ///   - options: where it is.
    ///   - logger: where failures go; nil for nowhere.
    /// - Throws: `SourceFailure` if there is no such database, or it is not this program's.
    public convenience init(_ options: PostgreSQLOptions, logger: Logger? = nil) throws(SourceFailure) {
        do throws(PostgreSQLError) {
            let connection = try PostgreSQLConnection.open(options)
            try Schema.migrate(connection, until: .now + .seconds(60))
        } catch {
            throw error.failure
        }
        self.init(made: options, logger: logger)
    }

    /// Opens the store beside the nodes that have it, to look at what they keep: changes nothing. Blocks.
    /// - Parameter options: where it is.
    /// - Returns: nil if no node has made its tables yet.
    /// - Throws: `SourceFailure` if there is no such database.
    public static func reading(_ options: PostgreSQLOptions) throws(SourceFailure) -> PostgreSQLStore? {
        do throws(PostgreSQLError) {
            let connection = try PostgreSQLConnection.open(options)
            var row = try connection.run(
                "SELECT to_regclass('identity') IS NOT NULL AND to_regclass('api_key') IS NOT NULL",
                until: .now + options.statementTimeout
            ).first
            guard row?.optionalText() == "t" else { return nil }
        } catch {
            throw error.failure
        }
        return PostgreSQLStore(made: options, logger: nil)
    }

    /// Opens a store whose tables are there.
    private init(made options: PostgreSQLOptions, logger: Logger?) {
        self.options = options
        self.logger = logger
        pool = ConnectionPool(options)
        lookups = APIKeyLookups(leaders: pool.maximumLookUps, waiting: options.maximumWaiting)
        listener = ChangeListener(options, node: node, logger: logger)
    }

    /// Looks whether a database can be used, for an operator: changes nothing. Blocks.
    /// - Parameter options: where it is.
    /// - Returns: the server's version.
    /// - Throws: `SourceFailure` if it can't be reached, or is too old.
    public static func examine(_ options: PostgreSQLOptions) throws(SourceFailure) -> String {
        do throws(PostgreSQLError) {
            let connection = try PostgreSQLConnection.open(options)
            var row = try connection.run(
                "SELECT current_setting('server_version'), current_setting('server_version_num')::int >= 150000",
                until: .now + options.statementTimeout
            ).first
            guard let version = row?.optionalText(), row?.optionalText() == "t" else {
                throw PostgreSQLError(kind: .refused, state: "", message: "it is older than version 15")
            }
            return version
        } catch {
            throw error.failure
        }
    }

    /// Whether what is remembered can be trusted: the connection that listens is alive, or was a moment ago.
    public var trust: MemoryTrust { listener.trust }

    /// How much its threads have to do.
    public var lanes: [LaneStatus] { pool.statuses }

    /// Listens from now on to what other nodes do.
    /// - Parameter handler: told of each change, on a thread of the store's. It must not block for long.
    public func listen(_ handler: @escaping @Sendable (StoreChange) -> Void) { listener.start(handler) }

    /// Closes all connections. No call may follow.
    public func close() {
        listener.stop()
        pool.close()
    }

    /// A secret that all nodes share, such as what seals a login that one begins and another ends: made by the first that asks.
    /// - Parameters:
    ///   - name: what it is for.
    ///   - fresh: what it is if there is none yet.
    /// - Returns: what it is.
    /// - Throws: `SourceFailure` if the store could not look.
    public func sharedSecret(_ name: String, otherwise fresh: [UInt8]) async throws(SourceFailure) -> [UInt8] {
        let deadline = options.statementTimeout
        let text = try await run(.maintenance) { connection throws(PostgreSQLError) in
            let until = ContinuousClock.now + deadline
            _ = try connection.run(
                "INSERT INTO shared_secret (name, secret) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
                [.text(name), .bytes(fresh)], until: until)
            var row = try connection.run(
                "SELECT encode(secret, 'hex') FROM shared_secret WHERE name = $1", [.text(name)], until: until
            ).first
            return try row?.text() ?? ""
        }
        return Hexadecimal.bytes(text) ?? []
    }

    /// Runs statements on one connection.
    func run<T: Sendable>(
        _ operation: StoreMetrics.Operation,
        _ body: @escaping @Sendable (PostgreSQLConnection) throws(PostgreSQLError) -> T
    ) async throws(SourceFailure) -> T {
        let begun = ContinuousClock.now
        do throws(SourceFailure) {
            let value = try await pool.run(isLookUp: operation == .lookUp, body)
            metrics.note(operation, .now - begun)
            return value
        } catch {
            metrics.noteFailure(operation)
            log(operation, error)
            throw error
        }
    }

    /// Tells of a failure, of many a few: an outage has one for each request.
    private func log(_ operation: StoreMetrics.Operation, _ failure: SourceFailure) {
        let untold = told.withLock { told -> Int? in
            let now = ContinuousClock.now
            if let last = told.last, now - last < .seconds(1) {
                told.count += 1
                return nil
            }
            defer { told = (now, 0) }
            return told.count
        }
        guard let untold else { return }
        logger?.error(
            "the store failed (\(operation.rawValue)): \(failure)\(untold > 0 ? "; and \(untold) more since the last word of that" : "")"
        )
    }

    /// Runs one statement.
    func statement(
        _ operation: StoreMetrics.Operation, _ sql: String, _ values: [PostgreSQLValue]
    ) async throws(SourceFailure) -> PostgreSQLRows {
        let timeout = options.statementTimeout
        return try await run(operation) { connection throws(PostgreSQLError) in
            try connection.run(sql, values, until: .now + timeout)
        }
    }

    /// Runs several statements as one transaction.
    func transaction<T: Sendable>(
        _ operation: StoreMetrics.Operation,
        _ body: @escaping @Sendable (PostgreSQLConnection, ContinuousClock.Instant) throws(PostgreSQLError) -> T
    ) async throws(SourceFailure) -> T {
        let timeout = options.statementTimeout
        return try await run(operation) { connection throws(PostgreSQLError) in
            let deadline = ContinuousClock.now + timeout
            _ = try connection.run("BEGIN", until: deadline)
            do throws(PostgreSQLError) {
                let value = try body(connection, deadline)
                _ = try connection.run("COMMIT", until: deadline)
                return value
            } catch {
                _ = try? connection.run("ROLLBACK", until: deadline)
                throw error
            }
        }
    }

    /// Reads rows.
    func read<T: Sendable>(
        _ rows: PostgreSQLRows, _ body: (inout PostgreSQLRow) throws(PostgreSQLError) -> T
    ) throws(SourceFailure) -> [T] {
        do throws(PostgreSQLError) {
            var values: [T] = []
            for var row in rows.readers { values.append(try body(&row)) }
            return values
        } catch {
            throw error.failure
        }
    }
}
