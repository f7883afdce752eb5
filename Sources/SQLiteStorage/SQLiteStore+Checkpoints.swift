import APIKeys
public import Credentials
public import Foundation
import GRDB

extension SQLiteStore: CheckpointStore {
    /// Keeps where an audit file ends; durable when it returns.
    public func noteCheckpoint(_ checkpoint: AuditCheckpoint, replacing: Bool) async throws(SourceFailure) {
        try await bounded(.maintenance) { database in
            try await database.write { database in
                try database.execute(
                    sql: """
                        INSERT INTO auditCheckpoint (file, number, hash, notedAt) VALUES (?1, ?2, ?3, ?4)
                        ON CONFLICT (file) DO UPDATE SET number = ?2, hash = ?3, notedAt = ?4 WHERE ?5 OR number < ?2
                        """,
                    arguments: [
                        checkpoint.file, checkpoint.number, checkpoint.hash, checkpoint.date.microseconds, replacing,
                    ])
            }
        }
    }

    /// Finds where an audit file ended last.
    public func checkpoint(of file: String) async throws(SourceFailure) -> AuditCheckpoint? {
        try await checkpoints(sql: "WHERE file = ?", [file]).first
    }

    /// Lists where audit files ended last.
    /// - Parameter file: the last one of the page before; nil for the first.
    /// - Returns: the next thousand, by their files' names.
    /// - Throws: `SourceFailure`.
    public func checkpointPage(after file: String?) async throws(SourceFailure) -> [AuditCheckpoint] {
        try await checkpoints(sql: "WHERE file > ? ORDER BY file LIMIT 1000", [file ?? ""])
    }

    /// Forgets files that nobody has written to for long.
    public func purgeCheckpoints(before date: Date) async throws(SourceFailure) -> Int {
        let end = date.microseconds
        return try await bounded(.purge) { database in
            try await database.write { database in
                try database.execute(sql: "DELETE FROM auditCheckpoint WHERE notedAt < ?", arguments: [end])
                return database.changesCount
            }
        }
    }

    private func checkpoints(
        sql condition: String, _ arguments: StatementArguments
    ) async throws(SourceFailure) -> [AuditCheckpoint] {
        try await bounded(.maintenance) { database in
            try await database.read { database in
                try Row.fetchAll(
                    database, sql: "SELECT file, number, hash, notedAt FROM auditCheckpoint \(condition)",
                    arguments: arguments
                ).map { row in
                    // A damaged database is an error, not a crash.
                    AuditCheckpoint(
                        file: try row.decode(String.self, atIndex: 0), number: try row.decode(Int64.self, atIndex: 1),
                        hash: try row.decode(String.self, atIndex: 2),
                        date: Date(microseconds: try row.decode(Int64.self, atIndex: 3)))
                }
            }
        }
    }
}
