import APIKeys
public import Credentials
public import struct Foundation.Date
import GRDB
public import Sessions

extension SQLiteStore: IdentityStore {
    /// Notes a login in one transaction; durable when it returns.
    public func noteLogin(
        _ record: IdentityRecord, othersGoneSince date: Date
    ) async throws(SourceFailure) -> Bool {
        let (row, oldest) = (IdentityRow(record), date.microseconds)
        return try await change { database in
            let other = IdentityRow.filter(
                IdentityRow.Columns.userName == row.userName
                    && !(IdentityRow.Columns.source == row.source && IdentityRow.Columns.identity == row.identity))
            try other.filter(IdentityRow.Columns.lastLogin < oldest).deleteAll(database)
            guard try other.fetchCount(database) == 0 else { return false }
            try row.save(database)
            return true
        }
    }

    /// Finds somebody by who they are.
    public func identityRecord(
        _ identity: String, of source: SourceName
    ) async throws(SourceFailure) -> IdentityRecord? {
        try await find(IdentityRow.Columns.identity == identity && IdentityRow.Columns.source == source.rawValue)
    }

    /// Finds whoever has a user name.
    public func identityRecord(named userName: String) async throws(SourceFailure) -> IdentityRecord? {
        try await find(IdentityRow.Columns.userName == userName)
    }

    /// Notes that a browser has come back from a login; durable when it returns.
    public func endLogin(_ login: String, until end: Date, at now: Date) async throws(SourceFailure) -> Bool {
        try await change { database in
            try Self.noteEnd(of: login, until: end, at: now, database)
        }
    }

    private func find(_ condition: SQLExpression) async throws(SourceFailure) -> IdentityRecord? {
        try await bounded(.owners) { database in
            try await database.read { try IdentityRow.filter(condition).fetchOne($0) }
        }?.record
    }
}
