import APIKeys
public import Credentials
public import Foundation
import GRDB
public import Sessions

extension SQLiteStore: SessionStore {
    /// Adds a session, and what is known of its owner, in one transaction; durable when it returns.
    public func insert(
        _ session: SessionRecord, digest: SessionDigest, owner: OwnerRecord?, limit: Int, provider: ProviderSession?
    ) async throws(SourceFailure) -> [UUID] {
        let row = SessionRow(session, digest: digest)
        let ownerRow = owner.map { OwnerRow($0) }
        let providerRow = provider.map { ProviderSessionRow($0, of: row) }
        return try await change { database in
            // The newest ones of the owner stay, this one among them.
            let surplus = try SessionRow.rows(.all(session.owner)).order(SessionRow.Columns.lastUsed.desc).limit(
                Int.max, offset: max(0, limit - 1)
            ).fetchAll(database)
            try SessionRow.filter(surplus.map(\.id).contains(SessionRow.Columns.id)).deleteAll(database)
            try row.insert(database)
            try providerRow?.insert(database)
            try ownerRow?.save(database)
            return surplus.map(\.record.id)
        }
    }

    /// Finds a session by one indexed look-up.
    public func session(of digest: SessionDigest) async throws(SourceFailure) -> SessionRecord? {
        try await bounded(.lookUp) { database in
            try await withTaskExecutorPreference(lookups) {
                try database.unsafeRead { try SessionRow.rows(.digest(digest)).fetchOne($0) }
            }
        }?.record
    }

    /// Finds a session, and the one at the provider, by two indexed look-ups.
    public func wholeSession(
        of digest: SessionDigest
    ) async throws(SourceFailure) -> (session: SessionRecord, provider: ProviderSession?)? {
        try await bounded(.lookUp) { database in
            try await withTaskExecutorPreference(lookups) {
                // A session's provider is written with it, and never changes.
                try database.unsafeRead { database -> (SessionRecord, ProviderSession?)? in
                    guard let row = try SessionRow.rows(.digest(digest)).fetchOne(database) else { return nil }
                    let provider = try ProviderSessionRow.filter(ProviderSessionRow.Columns.session == row.id)
                        .fetchOne(database)
                    return (row.record, provider?.provider)
                }
            }
        }
    }

    /// Finds the session at a provider by which a session began.
    public func providerSession(of digest: SessionDigest) async throws(SourceFailure) -> ProviderSession? {
        try await bounded(.lookUp) { database in
            try await database.read { database in
                try ProviderSessionRow.filter(
                    SessionRow.rows(.digest(digest)).select(SessionRow.Columns.id).contains(
                        ProviderSessionRow.Columns.session)
                ).fetchOne(database)
            }
        }?.provider
    }

    /// Lists sessions, oldest first.
    public func sessions(_ selection: SessionSelection) async throws(SourceFailure) -> [SessionRecord] {
        try await bounded(.list) { database in
            try await database.read {
                try SessionRow.rows(selection).order(SessionRow.Columns.createdAt, Column.rowID).fetchAll($0)
            }
        }.map(\.record)
    }

    /// Ends sessions in one transaction; durable when it returns.
    public func end(_ selection: SessionSelection) async throws(SourceFailure) -> [SessionRecord] {
        try await change { database in
            let rows = try SessionRow.rows(selection).fetchAll(database)
            if !rows.isEmpty { try SessionRow.rows(selection).deleteAll(database) }
            return rows
        }.map(\.record)
    }

    /// Notes when sessions were last used, in one transaction.
    public func noteSessionUses(_ uses: [UUID: Date]) async throws(SourceFailure) {
        try await bounded(.uses) { database in
            try await database.write { database in
                let statement = try database.cachedStatement(
                    sql: "UPDATE session SET lastUsed = ?1 WHERE id = ?2 AND lastUsed < ?1")
                for (id, date) in uses {
                    try statement.execute(arguments: [date.microseconds, id.uuidString.lowercased()])
                }
            }
        }
    }

    /// Counts the sessions whose lifetime is not over; those that nobody uses any more are among them until they are deleted.
    /// - Parameter date: the moment to count for.
    /// - Throws: `SourceFailure` if the store could not look.
    public func sessionCount(at date: Date) async throws(SourceFailure) -> Int {
        let now = date.microseconds
        return try await bounded(.maintenance) { database in
            try await database.read { try SessionRow.filter(SessionRow.Columns.endsAt > now).fetchCount($0) }
        }
    }

    /// Deletes sessions whose time is over, some at a time.
    public func purgeSessions(
        endedBefore date: Date, unusedSince idle: Date
    ) async throws(SourceFailure) -> Int {
        let (end, idle) = (date.microseconds, idle.microseconds)
        var count = 0
        while true {
            let deleted = try await bounded(.purge) { database in
                try await database.write { database in
                    try database.execute(
                        sql: """
                            DELETE FROM session WHERE rowid IN
                            (SELECT rowid FROM session WHERE endsAt <= ? OR lastUsed <= ? LIMIT 1000)
                            """, arguments: [end, idle])
                    return database.changesCount
                }
            }
            count += deleted
            if deleted < 1000 { return count }
        }
    }
}
