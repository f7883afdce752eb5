public import APIKeys
public import Credentials
public import Foundation
import GRDB
public import Sessions

/// Everything of a store, some at a time and in a fixed order, for moving it to another one.
extension SQLiteStore {
    /// How many are read at once.
    private static let pageLength = 500

    /// Keys in the order of their ids.
    /// - Parameter id: those behind it; nil for the first ones.
    public func keyPage(after id: UUID?) async throws(SourceFailure) -> [(APIKeyRecord, APIKeyDigest)] {
        let last = id?.uuidString.lowercased() ?? ""
        return try await page { database in
            try APIKeyRow.filter(APIKeyRow.Columns.id > last).order(APIKeyRow.Columns.id).limit(Self.pageLength)
                .fetchAll(
                    database)
        }.compactMap { row in APIKeyDigest(Array(row.digest)).map { (row.record, $0) } }
    }

    /// What sources have last said of people.
    /// - Parameter owner: those behind it; nil for the first ones.
    public func ownerPage(after owner: CredentialOwner?) async throws(SourceFailure) -> [OwnerRecord] {
        let (source, identity) = (owner?.source.rawValue ?? "", owner?.identity.text ?? "")
        return try await page { database in
            try OwnerRow.filter(
                OwnerRow.Columns.source > source
                    || OwnerRow.Columns.source == source && OwnerRow.Columns.identity > identity
            ).order(OwnerRow.Columns.source, OwnerRow.Columns.identity).limit(Self.pageLength).fetchAll(database)
        }.map(\.record)
    }

    /// Sessions in the order of their ids.
    /// - Parameter id: those behind it; nil for the first ones.
    public func sessionPage(
        after id: UUID?
    ) async throws(SourceFailure) -> [(SessionRecord, SessionDigest, ProviderSession?)] {
        let last = id?.uuidString.lowercased() ?? ""
        return try await page { database in
            try SessionRow.filter(SessionRow.Columns.id > last).order(SessionRow.Columns.id).limit(Self.pageLength)
                .fetchAll(database).map { row in
                    (
                        row,
                        try ProviderSessionRow.filter(ProviderSessionRow.Columns.session == row.id).fetchOne(database)
                    )
                }
        }.compactMap { row, provider in
            SessionDigest(bytes: Array(row.digest)).map { (row.record, $0, provider?.provider) }
        }
    }

    /// People of providers in the order of their user names.
    /// - Parameter userName: those behind it; nil for the first ones.
    public func identityPage(after userName: UserName?) async throws(SourceFailure) -> [IdentityRecord] {
        let last = userName?.text ?? ""
        return try await page { database in
            try IdentityRow.filter(IdentityRow.Columns.userName > last).order(IdentityRow.Columns.userName).limit(
                Self.pageLength
            ).fetchAll(database)
        }.map(\.record)
    }

    /// Names of service accounts that have a key which is not revoked, in their order.
    /// - Parameter name: those behind it; nil for the first ones.
    public func serviceAccountPage(after name: UserName?) async throws(SourceFailure) -> [UserName] {
        let last = name?.text ?? ""
        return try await page { database in
            try String.fetchAll(
                database,
                sql: """
                    SELECT DISTINCT serviceAccount FROM apiKey WHERE serviceAccount > ? AND revokedAt IS NULL
                    ORDER BY serviceAccount LIMIT ?
                    """, arguments: [last, Self.pageLength])
        }.map { UserName($0) }
    }

    /// Adds what another store has, as it is; what is there already stays.
    /// - Throws: `SourceFailure` if it could not be stored.
    public func add(
        owners: [OwnerRecord], sessions: [(SessionRecord, SessionDigest, ProviderSession?)],
        identities: [IdentityRecord]
    ) async throws(SourceFailure) {
        let ownerRows = owners.map { OwnerRow($0) }
        let sessionRows = sessions.map { session, digest, provider in
            let row = SessionRow(session, digest: digest)
            return (row, provider.map { ProviderSessionRow($0, of: row) })
        }
        let identityRows = identities.map { IdentityRow($0) }
        try await bounded(.maintenance) { database in
            try await database.write { database in
                for row in ownerRows { try row.insert(database, onConflict: .ignore) }
                for (row, provider) in sessionRows {
                    try row.insert(database, onConflict: .ignore)
                    if database.changesCount == 1 { try provider?.insert(database) }
                }
                for row in identityRows { try row.insert(database, onConflict: .ignore) }
            }
        }
    }

    private func page<Row: Sendable>(
        _ read: @escaping @Sendable (Database) throws -> [Row]
    ) async throws(SourceFailure) -> [Row] {
        try await bounded(.maintenance) { database in try await database.read(read) }
    }
}
