import CPostgreSQL

/// What a statement has answered, copied out of libpq.
struct PostgreSQLRows: Sendable {
    /// The rows, each with the texts of its columns; nil for NULL.
    private(set) var rows: [[String?]] = []
    /// How many rows it has changed.
    private(set) var changed = 0

    init() {}

    init(_ answer: OpaquePointer) {
        let (count, width) = (PQntuples(answer), PQnfields(answer))
        rows = (0..<count).map { row in
            (0..<width).map { column in
                guard PQgetisnull(answer, row, column) == 0, let start = PQgetvalue(answer, row, column) else {
                    return nil
                }
                let length = Int(PQgetlength(answer, row, column))
                return start.withMemoryRebound(to: UInt8.self, capacity: length) {
                    String(decoding: UnsafeBufferPointer(start: $0, count: length), as: UTF8.self)
                }
            }
        }
        changed = Int(String(cString: PQcmdTuples(answer))) ?? 0
    }

    /// Rows to be read one column after the other.
    var readers: [PostgreSQLRow] { rows.map { PostgreSQLRow($0) } }
    /// The first of them.
    var first: PostgreSQLRow? { rows.first.map { PostgreSQLRow($0) } }
}

/// A row, read one column after the other. A column that is not as it should be is an error, not a crash: the database may be damaged.
struct PostgreSQLRow {
    private let columns: [String?]
    private var next = 0

    init(_ columns: [String?]) { self.columns = columns }

    mutating func optionalText() -> String? {
        defer { next += 1 }
        return next < columns.count ? columns[next] : nil
    }

    mutating func text() throws(PostgreSQLError) -> String {
        guard let text = optionalText() else { throw Self.damaged }
        return text
    }

    mutating func optionalNumber() throws(PostgreSQLError) -> Int64? {
        guard let text = optionalText() else { return nil }
        guard let number = Int64(text) else { throw Self.damaged }
        return number
    }

    mutating func number() throws(PostgreSQLError) -> Int64 {
        guard let number = try optionalNumber() else { throw Self.damaged }
        return number
    }

    mutating func bool() throws(PostgreSQLError) -> Bool { try text() == "t" }

    static let damaged = PostgreSQLError(
        kind: .refused, state: "", message: "a column is empty or of another type: is it another version's database?")
}
