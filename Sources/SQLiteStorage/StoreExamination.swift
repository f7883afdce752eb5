import GRDB

/// What is wrong with the database of a store.
enum StoreExamination {
    /// Looks at all of it (SQLite's `integrity_check`).
    /// - Returns: what is wrong, a line each; nothing for a sound one.
    /// - Throws: `DatabaseError` if it could not be looked at. That it is damaged is no error here, but an answer.
    static func problems(of database: Database) throws -> [String] {
        do {
            let found = try String.fetchAll(database, sql: "PRAGMA integrity_check").filter { $0 != "ok" }
            guard found.isEmpty else { return found }
            guard try database.tableExists(APIKeyRow.databaseTableName) else {
                return ["it has no table of API keys"]
            }
            let digests =
                try Int.fetchOne(database, sql: "SELECT count(*) FROM apiKey WHERE length(digest) <> 32") ?? 0
            return digests == 0 ? [] : ["\(digests) key(s) have a digest that is none"]
        } catch  where StorageError.isDamage(error) {
            return [StorageError.words(error)]
        }
    }
}
