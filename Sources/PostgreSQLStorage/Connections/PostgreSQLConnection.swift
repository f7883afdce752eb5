import CPostgreSQL
import Credentials
import Foundation

/// One connection to PostgreSQL. Not safe to share: whoever has it uses it from one thread at a time, and each call blocks that thread, up to
/// its deadline.
///
/// This, and what it answers (``PostgreSQLRows``), are the only places that know libpq: the pointers end here.
final class PostgreSQLConnection {
    private let handle: OpaquePointer
    private let preparesStatements: Bool
    /// Whether libpq's words may be repeated.
    private let repeatsWords: Bool
    private var prepared: Set<String> = []
    /// Whether nothing but closing is left.
    private(set) var isBroken = false

    /// Connects to the first of the hosts that answers and will do.
    ///
    /// Each has a time of its own: libpq by itself would wait for one that is silent, and never come to the next.
    /// - Throws: ``PostgreSQLError`` of the last one.
    static func open(_ options: PostgreSQLOptions) throws(PostgreSQLError) -> PostgreSQLConnection {
        let places = try ConnectionAddress(text: options.connection).places()
        let end = ContinuousClock.now + options.connectTimeout
        var last: PostgreSQLError?
        for (index, place) in places.enumerated() {
            let rest = end - .now
            guard rest > .zero else { break }
            // A silent one leaves the others their part.
            let share = rest / (places.count - index)
            do throws(PostgreSQLError) {
                return try PostgreSQLConnection(options, place, until: .now + share)
            } catch {
                last = error
            }
        }
        throw last
            ?? PostgreSQLError(
                kind: .unreachable, state: "", message: "it names no host that could be tried", wasSent: false)
    }

    private init(
        _ options: PostgreSQLOptions, _ place: ConnectionAddress.Place, until deadline: ContinuousClock.Instant
    ) throws(PostgreSQLError) {
        preparesStatements = options.preparesStatements
        repeatsWords = ConnectionAddress(text: options.connection).isPlain
        var words = [("dbname", options.connection)]
        if let host = place.host { words.append(("host", host)) }
        if let port = place.port { words.append(("port", port)) }
        if let password = options.password {
            words.append(("password", String(decoding: password.bytes, as: UTF8.self)))
        }
        words += [
            ("application_name", "latchkey"), ("client_encoding", "UTF8"),
            // A peer that is gone without a word is found out.
            ("keepalives_idle", "5"), ("keepalives_interval", "2"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "\(options.statementTimeout.components.seconds * 1000 + 1000)"),
        ]
        let started = Self.withStrings(words.map(\.0)) { keys in
            Self.withStrings(words.map(\.1)) { values in PQconnectStartParams(keys, values, 1) }
        }
        guard let started else {
            throw PostgreSQLError(kind: .unreachable, state: "", message: "libpq has no memory", wasSent: false)
        }
        handle = started
        // By itself libpq writes them to standard error. They are about what is there already, and nothing that goes wrong.
        PQsetNoticeProcessor(started, { _, _ in }, nil)
        // What fails from here on is whole already, and ends by deinit.
        try connect(until: deadline)
    }

    deinit { PQfinish(handle) }

    private func connect(until deadline: ContinuousClock.Instant) throws(PostgreSQLError) {
        var step = PGRES_POLLING_WRITING
        while true {
            guard PQstatus(handle) != CONNECTION_BAD else { throw lost(wasSent: false) }
            switch step {
            case PGRES_POLLING_OK:
                guard PQsetnonblocking(handle, 1) == 0 else { throw lost(wasSent: false) }
                return
            case PGRES_POLLING_FAILED: throw lost(wasSent: false)
            default:
                guard wait(for: step == PGRES_POLLING_READING ? POLLIN : POLLOUT, until: deadline) else {
                    throw PostgreSQLError(
                        kind: .timedOut, state: "", message: "connecting takes too long", wasSent: false)
                }
            }
            step = PQconnectPoll(handle)
        }
    }

    /// Runs one statement.
    /// - Parameters:
    ///   - sql: the statement, with `$1` and so on; it is one of a fixed number of texts.
    ///   - values: what stands for those.
    ///   - deadline: when it is given up.
    /// - Returns: the rows.
    /// - Throws: ``PostgreSQLError``.
    func run(
        _ sql: String, _ values: [PostgreSQLValue] = [], until deadline: ContinuousClock.Instant
    ) throws(PostgreSQLError) -> PostgreSQLRows {
        guard !isBroken else { throw lost(wasSent: false) }
        let texts = values.map(\.text)
        guard preparesStatements, !values.isEmpty else {
            return try result(until: deadline) {
                Self.withOptionalStrings(texts) { pointers in
                    // Without parameters by the simple protocol: several statements in one text are one transaction.
                    values.isEmpty
                        ? PQsendQuery(handle, sql)
                        : PQsendQueryParams(handle, sql, Int32(values.count), nil, pointers, nil, nil, 0)
                }
            }
        }
        let name = Self.name(of: sql)
        if !prepared.contains(name) {
            _ = try result(until: deadline) { PQsendPrepare(handle, name, sql, 0, nil) }
            prepared.insert(name)
        }
        return try result(until: deadline) {
            Self.withOptionalStrings(texts) { pointers in
                PQsendQueryPrepared(handle, name, Int32(values.count), pointers, nil, nil, 0)
            }
        }
    }

    /// What has been told to whoever listens on this connection, waiting for it.
    /// - Parameter deadline: until when.
    /// - Returns: the payloads, oldest first; none if the time is over.
    /// - Throws: ``PostgreSQLError`` if the connection is gone.
    func notifications(until deadline: ContinuousClock.Instant) throws(PostgreSQLError) -> [String] {
        var payloads: [String] = []
        while true {
            guard PQconsumeInput(handle) == 1 else { throw lost(wasSent: true) }
            while let notification = PQnotifies(handle) {
                payloads.append(String(cString: notification.pointee.extra))
                PQfreemem(notification)
            }
            guard payloads.isEmpty, wait(for: POLLIN, until: deadline) else { return payloads }
        }
    }

    private func result(
        until deadline: ContinuousClock.Instant, _ send: () -> Int32
    ) throws(PostgreSQLError) -> PostgreSQLRows {
        guard send() == 1 else { throw lost(wasSent: false) }
        while true {
            let flushed = PQflush(handle)
            guard flushed >= 0 else { throw lost(wasSent: true) }
            if flushed == 0 { break }
            guard wait(for: POLLOUT | POLLIN, until: deadline) else { throw late() }
            guard PQconsumeInput(handle) == 1 else { throw lost(wasSent: true) }
        }
        var rows = PostgreSQLRows()
        var error: PostgreSQLError?
        while true {
            while PQisBusy(handle) == 1 {
                guard wait(for: POLLIN, until: deadline) else { throw late() }
                guard PQconsumeInput(handle) == 1 else { throw lost(wasSent: true) }
            }
            guard let answer = PQgetResult(handle) else { break }
            switch PQresultStatus(answer) {
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK: rows = PostgreSQLRows(answer)
            default:
                if error == nil { error = refusal(answer) }
                PQclear(answer)
            }
        }
        if let error { throw error }
        return rows
    }

    private func refusal(_ answer: OpaquePointer) -> PostgreSQLError {
        guard PQstatus(handle) == CONNECTION_OK else { return lost(wasSent: true) }
        let state = PQresultErrorField(answer, Int32(UInt8(ascii: "C"))).map { String(cString: $0) } ?? ""
        // The primary message names no values; details would.
        let message = PQresultErrorField(answer, Int32(UInt8(ascii: "M"))).map { String(cString: $0) } ?? ""
        let error = PostgreSQLError(kind: .refused, state: state, message: message)
        if error.isOfServer { isBroken = true }
        return error
    }

    private func lost(wasSent: Bool) -> PostgreSQLError {
        isBroken = true
        guard repeatsWords else {
            return PostgreSQLError(
                kind: .unreachable, state: "",
                message: "why is not told, as its address may have a part of the password in another place: "
                    + ConnectionAddress.advice, wasSent: wasSent)
        }
        let message = String(cString: PQerrorMessage(handle)).split(separator: "\n").joined(separator: "; ")
        return PostgreSQLError(kind: .unreachable, state: "", message: message, wasSent: wasSent)
    }

    private func late() -> PostgreSQLError {
        isBroken = true
        return PostgreSQLError(kind: .timedOut, state: "", message: "a statement takes too long")
    }

    /// Waits for the socket.
    /// - Returns: false if the time is over.
    private func wait(for events: Int32, until deadline: ContinuousClock.Instant) -> Bool {
        while true {
            let rest = deadline - .now
            guard rest > .zero else { return false }
            var poller = pollfd(fd: PQsocket(handle), events: Int16(events), revents: 0)
            let milliseconds = Int32(min(rest / .milliseconds(1), 60_000).rounded(.up))
            let count = poll(&poller, 1, milliseconds)
            if count > 0 { return true }
            if count < 0, errno != EINTR { return true }
        }
    }

    /// The name of a prepared statement: its text is one of a fixed number, and each has its own.
    private static func name(of sql: String) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in sql.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return "latchkey_\(String(hash, radix: 16))"
    }

    private static func withStrings<T>(_ texts: [String], _ body: ([UnsafePointer<CChar>?]) -> T) -> T {
        withOptionalStrings(texts.map { $0 }) { body($0 + [nil]) }
    }

    private static func withOptionalStrings<T>(_ texts: [String?], _ body: ([UnsafePointer<CChar>?]) -> T) -> T {
        let copies = texts.map { $0.flatMap { strdup($0) } }
        defer { copies.forEach { free($0) } }
        return body(copies.map { $0.map { UnsafePointer($0) } })
    }
}
