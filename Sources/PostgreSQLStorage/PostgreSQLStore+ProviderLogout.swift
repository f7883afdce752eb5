import APIKeys
public import Credentials
public import Foundation
public import Sessions

extension PostgreSQLStore {
    /// Does what a provider's logout demands in one transaction, and tells all nodes; durable when it returns.
    public func end(_ logout: ProviderLogout, at date: Date) async throws(SourceFailure) -> EndedByProvider {
        try await transaction(.change) { connection, deadline throws(PostgreSQLError) in
            if let id = logout.id {
                // Of two nodes that are told at once the second waits here for what the first has done.
                let noted = try connection.run(
                    Self.noteEnd, [.text(id), .number(logout.knownUntil), .number(date)], until: deadline)
                guard noted.count == 1 else { return EndedByProvider(isFirst: false) }
            }
            let sessions = try Self.sessions(logout, connection, until: deadline)
            if !sessions.isEmpty {
                let ids = sessions.map { $0.id.uuidString.lowercased() }
                _ = try connection.run(
                    "DELETE FROM session WHERE id = ANY ($1::text[])", [.array(ids)], until: deadline)
                try Self.tell("s", ids, connection, until: deadline)
            }
            guard let keys = logout.keys else { return EndedByProvider(sessions: sessions) }
            var revoked: [UUID] = []
            // Two nodes that revoke keys of the same people must take them in the same order.
            let owners = Set(keys.owners + sessions.map(\.owner)).sorted {
                ($0.source.rawValue, $0.identity) < ($1.source.rawValue, $1.identity)
            }
            for owner in owners {
                let condition = APIKeyColumns.condition(.all(owner), from: 4)
                revoked += try connection.run(
                    """
                    UPDATE api_key SET revoked_at = $1, revocation_cause = $2
                    WHERE revoked_at IS NULL AND created_at < $3 AND \(condition.sql) RETURNING id
                    """,
                    [.number(date), .text(KeyRevocation.Cause.provider.rawValue), .number(keys.madeBefore)]
                        + condition.values, until: deadline
                ).firstColumn.compactMap { $0.flatMap { UUID(stored: $0) } }
            }
            if !revoked.isEmpty {
                try Self.tell("k", revoked.map { $0.uuidString.lowercased() }, connection, until: deadline)
            }
            return EndedByProvider(sessions: sessions, keys: revoked)
        }
    }

    private static func tell(
        _ kind: String, _ ids: [String], _ connection: PostgreSQLConnection, until deadline: ContinuousClock.Instant
    ) throws(PostgreSQLError) {
        let payload = ids.count > StoreChange.maximumNamed ? "*" : "\(kind) " + ids.joined(separator: ",")
        _ = try connection.run(
            "SELECT pg_notify($1, $2)", [.text(StoreChange.channel), .text(payload)], until: deadline)
    }

    private static func sessions(
        _ logout: ProviderLogout, _ connection: PostgreSQLConnection, until deadline: ContinuousClock.Instant
    ) throws(PostgreSQLError) -> [SessionRecord] {
        func find(_ more: String, _ values: [PostgreSQLValue]) throws(PostgreSQLError) -> PostgreSQLRows {
            try connection.run(
                """
                SELECT \(SessionColumns.names), \(SessionColumns.providerNames) FROM session
                WHERE provider_source = $1 AND \(more) ORDER BY created_at, id FOR UPDATE
                """, [.text(logout.source.rawValue)] + values, until: deadline)
        }
        var rows: PostgreSQLRows
        switch (logout.identity, logout.session) {
        case (nil, nil): return []
        case (let identity?, nil): rows = try find("provider_identity = $2", [.text(identity)])
        case (nil, let session?): rows = try find("provider_session = $2", [.text(session)])
        case (let identity?, let session?):
            rows = try find("provider_identity = $2 AND provider_session = $3", [.text(identity), .text(session)])
            // A session that nobody here knows by its name is one of those whose name nobody was told.
            if rows.count == 0 {
                rows = try find("provider_identity = $2 AND provider_session IS NULL", [.text(identity)])
            }
        }
        var sessions: [SessionRecord] = []
        for var row in rows.readers {
            let whole = try SessionColumns.whole(&row)
            if let provider = whole.provider, logout.covers(whole.session, provider) { sessions.append(whole.session) }
        }
        return sessions
    }
}
