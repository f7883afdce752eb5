import APIKeys
public import Credentials
public import Foundation

extension PostgreSQLStore: CheckpointStore {
    /// Keeps where an audit file ends; durable when it returns.
    public func noteCheckpoint(_ checkpoint: AuditCheckpoint, replacing: Bool) async throws(SourceFailure) {
        _ = try await statement(
            .maintenance,
            """
            INSERT INTO audit_checkpoint (file, number, hash, noted_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (file) DO UPDATE SET number = excluded.number, hash = excluded.hash, noted_at = excluded.noted_at
            WHERE $5::boolean OR audit_checkpoint.number < excluded.number
            """,
            [
                .text(checkpoint.file), .number(checkpoint.number), .text(checkpoint.hash), .number(checkpoint.date),
                .bool(replacing),
            ])
    }

    /// Finds where an audit file ended last.
    public func checkpoint(of file: String) async throws(SourceFailure) -> AuditCheckpoint? {
        try await checkpoints("WHERE file = $1", [.text(file)]).first
    }

    /// Lists where audit files ended last.
    /// - Parameter file: the last one of the page before; nil for the first.
    /// - Returns: the next thousand, by their files' names.
    /// - Throws: `SourceFailure`.
    public func checkpointPage(after file: String?) async throws(SourceFailure) -> [AuditCheckpoint] {
        try await checkpoints("WHERE file > $1 ORDER BY file LIMIT 1000", [.text(file ?? "")])
    }

    /// Forgets files that nobody has written to for long. One node does it, while others pass it over.
    public func purgeCheckpoints(before date: Date) async throws(SourceFailure) -> Int {
        try await transaction(.purge) { connection, deadline throws(PostgreSQLError) in
            guard try Job.purge.begin(connection, until: deadline) else { return 0 }
            return try connection.run(
                "DELETE FROM audit_checkpoint WHERE noted_at < $1", [.number(date)], until: deadline
            ).changed
        }
    }

    private func checkpoints(
        _ condition: String, _ values: [PostgreSQLValue]
    ) async throws(SourceFailure) -> [AuditCheckpoint] {
        let rows = try await statement(
            .maintenance, "SELECT file, number, hash, noted_at FROM audit_checkpoint \(condition)", values)
        return try read(rows) { row throws(PostgreSQLError) in
            AuditCheckpoint(
                file: try row.text(), number: try row.number(), hash: try row.text(),
                date: Date(microseconds: try row.number()))
        }
    }
}
