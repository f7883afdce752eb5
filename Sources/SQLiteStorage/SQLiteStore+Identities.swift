import APIKeys
public import Credentials
public import struct Foundation.Date
import GRDB
public import Sessions

extension SQLiteStore: IdentityStore {
    /// Notes a login in one transaction; durable when it returns.
    public func noteLogin(
        _ record: IdentityRecord, isHeld: @escaping @Sendable (IdentityRecord) -> Bool
    ) async throws(SourceFailure) -> Bool {
        let row = IdentityRow(record)
        return try await change { database in
            let isSame = IdentityRow.Columns.source == row.source && IdentityRow.Columns.identity == row.identity
            let known = try IdentityRow.filter(isSame).fetchOne(database)?.record
            // Whoever has the name keeps it, also beside one in another case that a version of before has let in.
            if known.map({ $0.userName != record.userName || !isHeld($0) }) ?? true {
                let others = try IdentityRow.rows(alike: record.userName, database).filter(!isSame)
                guard try !others.fetchAll(database).contains(where: { isHeld($0.record) }) else { return false }
                try IdentityRow.filter(IdentityRow.Columns.userName == row.userName && !isSame).deleteAll(database)
            }
            try row.save(database)
            return true
        }
    }

    /// Finds somebody by who they are.
    public func identityRecord(
        _ identity: Identity, of source: SourceName
    ) async throws(SourceFailure) -> IdentityRecord? {
        try await find(IdentityRow.Columns.identity == identity.text && IdentityRow.Columns.source == source.rawValue)
    }

    /// Finds all who have a user name in some case.
    public func identityRecords(alike userName: UserName) async throws(SourceFailure) -> [IdentityRecord] {
        try await bounded(.owners) { database in
            try await database.read { try IdentityRow.rows(alike: userName, $0).fetchAll($0) }
        }.map(\.record)
    }

    /// Finds whoever has a user name.
    public func identityRecord(named userName: UserName) async throws(SourceFailure) -> IdentityRecord? {
        try await find(IdentityRow.Columns.userName == userName.text)
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
