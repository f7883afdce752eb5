public import APIKeys
public import Credentials
public import struct Foundation.Date
import GRDB

extension SQLiteStore {
    /// Counts keys by their state, some thousands at a time, so that nobody else waits for long. Takes a second for some million keys.
    /// - Parameter date: the moment to count for.
    /// - Returns: how many keys are in each state; a key that the policy blocks counts as active, as the store knows no policy.
    /// - Throws: `SourceFailure` if the store could not look.
    public func counts(at date: Date) async throws(SourceFailure) -> [KeyState: Int] {
        let now = date.microseconds
        var (counts, last): ([KeyState: Int], Int64) = ([.active: 0, .expired: 0, .revoked: 0], 0)
        while true {
            let start = last
            let rows = try await bounded(.maintenance) { database in
                try await database.read { database in
                    try Row.fetchAll(
                        database,
                        sql: """
                            SELECT max(id), count(*), revokedAt IS NOT NULL,
                                coalesce(expirationDate <= ?1, 0) OR coalesce(rotationEnd <= ?1, 0)
                            FROM (SELECT rowid AS id, revokedAt, expirationDate, rotationEnd FROM apiKey
                                WHERE rowid > ?2 ORDER BY rowid LIMIT 20000)
                            GROUP BY 3, 4
                            """, arguments: [now, start]
                    ).map { row in
                        let (isRevoked, isOver) = (row[2] as Bool, row[3] as Bool)
                        return (
                            last: row[0] as Int64, count: row[1] as Int,
                            isRevoked ? KeyState.revoked : isOver ? .expired : .active
                        )
                    }
                }
            }
            guard let newest = rows.map(\.last).max() else { return counts }
            last = newest
            for (_, count, state) in rows { counts[state, default: 0] += count }
        }
    }
}
