import APIKeys
public import Credentials
public import Foundation
import GRDB
public import Sessions

extension SQLiteStore {
    /// Does what a provider's logout demands in one transaction; durable when it returns.
    public func end(_ logout: ProviderLogout, at date: Date) async throws(SourceFailure) -> EndedByProvider {
        try await change { database in
            if let id = logout.id, try !Self.noteEnd(of: id, until: logout.knownUntil, at: date, database) {
                return EndedByProvider(isFirst: false)
            }
            let sessions = try Self.sessions(logout, database)
            try SessionRow.filter(sessions.map(\.id).contains(SessionRow.Columns.id)).deleteAll(database)
            let ended = sessions.map(\.record)
            guard let keys = logout.keys else { return EndedByProvider(sessions: ended) }
            var revoked: [UUID] = []
            for owner in Set(keys.owners + ended.map(\.owner)) {
                let rows = try APIKeyRow.rows(.all(owner), database).filter(
                    APIKeyRow.Columns.revokedAt == nil && APIKeyRow.Columns.createdAt < keys.madeBefore.microseconds
                ).fetchAll(database)
                try APIKeyRow.filter(rows.map(\.id).contains(APIKeyRow.Columns.id)).updateAll(
                    database, APIKeyRow.Columns.revokedAt.set(to: date.microseconds),
                    APIKeyRow.Columns.revocationCause.set(to: KeyRevocation.Cause.provider.rawValue))
                revoked += rows.map(\.record.id)
            }
            return EndedByProvider(sessions: ended, keys: revoked)
        }
    }

    /// Notes that something from outside, which counts once, has been done.
    /// - Returns: false if it was before.
    static func noteEnd(of id: String, until end: Date, at now: Date, _ database: Database) throws -> Bool {
        try database.execute(
            sql: "DELETE FROM endedLogin WHERE login IN (SELECT login FROM endedLogin WHERE endsAt < ? LIMIT 100)",
            arguments: [now.microseconds])
        try database.execute(
            sql: "INSERT INTO endedLogin (login, endsAt) VALUES (?, ?) ON CONFLICT DO NOTHING",
            arguments: [id, end.microseconds])
        return database.changesCount == 1
    }

    private static func sessions(_ logout: ProviderLogout, _ database: Database) throws -> [SessionRow] {
        func rows(_ session: String?) -> QueryInterfaceRequest<ProviderSessionRow> {
            ProviderSessionRow.rows(logout.source, identity: logout.identity, session: session)
        }
        var found = try rows(logout.session).fetchAll(database)
        // A session that nobody here knows by its name is one of those whose name nobody was told.
        if found.isEmpty, logout.identity != nil, logout.session != nil {
            found = try rows(nil).filter(ProviderSessionRow.Columns.providerID == nil).fetchAll(database)
        }
        let providers = Dictionary(found.map { ($0.session, $0.provider) }) { first, _ in first }
        let sessions = try SessionRow.filter(providers.keys.contains(SessionRow.Columns.id))
            .order(SessionRow.Columns.createdAt, Column.rowID).fetchAll(database)
        return sessions.filter { session in providers[session.id].map { logout.covers(session.record, $0) } ?? false }
    }
}
