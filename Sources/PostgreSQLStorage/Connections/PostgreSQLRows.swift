import CPostgreSQL
import Credentials

/// What a statement has answered. The rows stay where libpq has put them, and are read when somebody asks.
struct PostgreSQLRows: Sendable {
    /// A result of libpq's.
    ///
    /// `@unchecked Sendable`: nobody changes it once it is here, and libpq lets several threads read one (PostgreSQL's documentation, 34.20). It
    /// is freed when the last who reads it has gone.
    fileprivate final class Result: @unchecked Sendable {
        let answer: OpaquePointer
        init(_ answer: OpaquePointer) { self.answer = answer }
        deinit { PQclear(answer) }
    }

    private let result: Result?
    /// How many rows there are.
    let count: Int
    /// How many rows it has changed.
    let changed: Int

    /// No row.
    init() { (result, count, changed) = (nil, 0, 0) }

    /// Takes a result, and frees it in the end.
    init(_ answer: OpaquePointer) {
        result = Result(answer)
        count = Int(PQntuples(answer))
        changed = Int(String(cString: PQcmdTuples(answer))) ?? 0
    }

    /// Rows to be read one column after the other.
    var readers: [PostgreSQLRow] {
        guard let result else { return [] }
        return (0..<count).map { PostgreSQLRow(result, $0) }
    }
    /// The first of them.
    var first: PostgreSQLRow? { readers.first }
    /// The first column of each; nil for NULL.
    var firstColumn: [String?] {
        readers.map { row in
            var row = row
            return row.optionalText()
        }
    }
}

/// A row, read one column after the other. A column that is not as it should be is an error, not a crash: the database may be damaged.
struct PostgreSQLRow {
    private let result: PostgreSQLRows.Result
    private let row: Int32
    private let width: Int32
    private var next: Int32 = 0

    fileprivate init(_ result: PostgreSQLRows.Result, _ row: Int) {
        (self.result, self.row) = (result, Int32(clamping: row))
        width = PQnfields(result.answer)
    }

    /// What stands in the next column, while that is being read; nil for NULL, and behind the last.
    private mutating func column<T>(_ body: (UnsafeBufferPointer<UInt8>) -> T) -> T? {
        defer { next += 1 }
        guard next < width, PQgetisnull(result.answer, row, next) == 0,
            let start = PQgetvalue(result.answer, row, next)
        else { return nil }
        let length = Int(PQgetlength(result.answer, row, next))
        return start.withMemoryRebound(to: UInt8.self, capacity: length) {
            body(UnsafeBufferPointer(start: $0, count: length))
        }
    }

    mutating func optionalText() -> String? { column { String(decoding: $0, as: UTF8.self) } }

    mutating func text() throws(PostgreSQLError) -> String {
        guard let text = optionalText() else { throw Self.damaged }
        return text
    }

    mutating func optionalNumber() throws(PostgreSQLError) -> Int64? {
        guard let number = column({ Self.number($0) }) else { return nil }
        guard let number else { throw Self.damaged }
        return number
    }

    mutating func number() throws(PostgreSQLError) -> Int64 {
        guard let number = try optionalNumber() else { throw Self.damaged }
        return number
    }

    mutating func bool() throws(PostgreSQLError) -> Bool { try text() == "t" }

    /// Reads a number as PostgreSQL writes one.
    private static func number(_ digits: UnsafeBufferPointer<UInt8>) -> Int64? {
        Int64(Substring(decoding: digits, as: UTF8.self))
    }

    static let damaged = PostgreSQLError(
        kind: .refused, state: "", message: "a column is empty or of another type: is it another version's database?")
}
