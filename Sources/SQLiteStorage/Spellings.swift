import Credentials
import GRDB

/// Finds names that differ from one in the case of letters beyond ASCII: SQLite's `lower` folds the others alone.
enum Spellings {
    /// Finds them.
    /// - Parameters:
    ///   - name: the name.
    ///   - column: where names stand.
    ///   - table: the table.
    /// - Returns: the names, as they are stored. None for a name that SQLite can compare by itself.
    static func find(
        _ name: UserName, in column: String, of table: String, _ database: Database
    ) throws -> [String] {
        guard let search = SpellingSearch(name) else { return [] }
        let (column, table) = (SQL(sql: column), SQL(sql: table))
        let offered: SQL = """
            SELECT DISTINCT \(column) FROM \(table) WHERE \(column) IS NOT NULL
            AND length(\(column)) BETWEEN \(search.length.lowerBound) AND \(search.length.upperBound)
            AND lower(substr(\(column), 1, \(search.prefix.count))) = \(search.prefix)
            """
        let request = SQLRequest<String>(literal: offered)
        return try request.fetchAll(database).filter(search.finds)
    }
}
