import Credentials

/// Finds names that differ from one in the case of letters beyond ASCII: `lower` with the collation "C", which each database has, folds the others alone.
/// The database's characters must be those of Unicode (UTF8): else such a name is found as it is written alone.
enum Spellings {
    /// Letters of ASCII in lower case, whatever the database's own rules are: as SQLite has it.
    /// - Parameter value: an expression.
    static func lower(_ value: String) -> String { "lower(\(value)::text COLLATE \"C\")" }

    /// The condition that a name is one of some, or differs from another in the case of ASCII alone.
    /// - Parameters:
    ///   - column: where names stand.
    ///   - name: the place of the name among the values.
    ///   - others: the place of what ``find(_:in:of:_:)`` has found.
    static func condition(_ column: String, name: String, others: String) -> String {
        "(\(lower(column)) = \(lower(name)) OR \(column) = ANY(\(others)::text[]))"
    }

    /// Finds them.
    /// - Parameters:
    ///   - name: the name.
    ///   - column: where names stand.
    ///   - table: the table.
    ///   - ask: asks the database.
    /// - Returns: the names, as they are stored. None for a name that the database can compare by itself.
    static func find<E: Error>(
        _ name: UserName, in column: String, of table: String,
        _ ask: (_ sql: String, _ values: [PostgreSQLValue]) async throws(E) -> PostgreSQLRows
    ) async throws(E) -> [String] {
        guard let statement = statement(name, in: column, of: table) else { return [] }
        return statement.search.found(in: try await ask(statement.sql, statement.values))
    }

    /// Finds them on one connection, as a part of a transaction.
    static func find(
        _ name: UserName, in column: String, of table: String, _ connection: PostgreSQLConnection,
        until deadline: ContinuousClock.Instant
    ) throws(PostgreSQLError) -> [String] {
        guard let statement = statement(name, in: column, of: table) else { return [] }
        return statement.search.found(in: try connection.run(statement.sql, statement.values, until: deadline))
    }

    private static func statement(
        _ name: UserName, in column: String, of table: String
    ) -> (search: SpellingSearch, sql: String, values: [PostgreSQLValue])? {
        guard let search = SpellingSearch(name) else { return nil }
        let sql = """
            SELECT DISTINCT \(column) FROM \(table) WHERE \(column) IS NOT NULL
            AND char_length(\(column)) BETWEEN $1::bigint AND $2::bigint
            AND \(lower("substr(\(column), 1, $3::integer)")) = $4::text
            """
        let values: [PostgreSQLValue] = [
            .number(Int64(search.length.lowerBound)), .number(Int64(search.length.upperBound)),
            .number(Int64(search.prefix.count)), .text(search.prefix),
        ]
        return (search, sql, values)
    }
}

extension SpellingSearch {
    fileprivate func found(in rows: PostgreSQLRows) -> [String] {
        var names: [String] = []
        for var row in rows.readers {
            if let name = row.optionalText(), finds(name) { names.append(name) }
        }
        return names
    }
}
