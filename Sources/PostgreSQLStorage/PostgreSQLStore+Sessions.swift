import APIKeys
public import Credentials
public import Foundation
public import Sessions

extension PostgreSQLStore: SessionStore {
    /// Adds a session, and what is known of its owner, in one transaction; durable when it returns.
    public func insert(
        _ session: SessionRecord, digest: SessionDigest, owner: OwnerRecord?, limit: Int, provider: ProviderSession?
    ) async throws(SourceFailure) -> [UUID] {
        let values = SessionColumns.values(session, digest, provider)
        return try await transaction(.change) { connection, deadline throws(PostgreSQLError) in
            // The newest ones of the owner stay, this one among them.
            let surplus = try connection.run(
                """
                DELETE FROM session WHERE id IN (SELECT id FROM session WHERE owner_source = $1 AND owner_identity = $2
                ORDER BY last_used DESC OFFSET $3) RETURNING id
                """,
                [
                    .text(session.owner.source.rawValue), .text(session.owner.identity),
                    .number(Int64(max(0, limit - 1))),
                ], until: deadline
            ).firstColumn.compactMap { $0.flatMap { UUID(stored: $0) } }
            _ = try connection.run(SessionColumns.insert, values, until: deadline)
            if let owner { try OwnerColumns.save(owner, connection, until: deadline) }
            if !surplus.isEmpty {
                let ids = surplus.map { $0.uuidString.lowercased() }
                let payload = ids.count > StoreChange.maximumNamed ? "*" : "s " + ids.joined(separator: ",")
                _ = try connection.run(
                    "SELECT pg_notify($1, $2)", [.text(StoreChange.channel), .text(payload)], until: deadline)
            }
            return surplus
        }
    }

    /// Finds a session by one indexed look-up.
    public func session(of digest: SessionDigest) async throws(SourceFailure) -> SessionRecord? {
        let rows = try await statement(
            .lookUp, "SELECT \(SessionColumns.names) FROM session WHERE digest = $1", [.bytes(digest.bytes)])
        return try read(rows, SessionColumns.record).first
    }

    /// Finds a session, and the one at the provider, by one indexed look-up.
    public func wholeSession(
        of digest: SessionDigest
    ) async throws(SourceFailure) -> (session: SessionRecord, provider: ProviderSession?)? {
        let rows = try await statement(
            .lookUp,
            "SELECT \(SessionColumns.names), \(SessionColumns.providerNames) FROM session WHERE digest = $1",
            [.bytes(digest.bytes)])
        return try read(rows, SessionColumns.whole).first
    }

    /// Finds the session at a provider by which a session began.
    public func providerSession(of digest: SessionDigest) async throws(SourceFailure) -> ProviderSession? {
        let rows = try await statement(
            .lookUp,
            """
            SELECT \(SessionColumns.providerNames) FROM session WHERE digest = $1 AND provider_source IS NOT NULL
            """, [.bytes(digest.bytes)])
        return try read(rows, SessionColumns.provider).first.flatMap(\.self)
    }

    /// Lists sessions, oldest first.
    public func sessions(_ selection: SessionSelection) async throws(SourceFailure) -> [SessionRecord] {
        let condition = SessionColumns.condition(selection)
        let rows = try await statement(
            .list, "SELECT \(SessionColumns.names) FROM session WHERE \(condition.sql) ORDER BY created_at, id",
            condition.values)
        return try read(rows, SessionColumns.record)
    }

    /// Ends sessions in one transaction, and tells all nodes; durable when it returns.
    public func end(_ selection: SessionSelection) async throws(SourceFailure) -> [SessionRecord] {
        let condition = SessionColumns.condition(selection)
        let rows = try await statement(
            .change,
            """
            WITH gone AS (DELETE FROM session WHERE \(condition.sql) RETURNING \(SessionColumns.names)),
            told AS MATERIALIZED (SELECT pg_notify('\(StoreChange.channel)',
                CASE WHEN count(*) > \(StoreChange.maximumNamed) THEN '*' ELSE 's ' || string_agg(id, ',') END)
                FROM gone HAVING count(*) > 0)
            SELECT gone.* FROM gone, told ORDER BY created_at, id
            """, condition.values)
        return try read(rows, SessionColumns.record)
    }

    /// Notes when sessions were last used, in one statement.
    public func noteSessionUses(_ uses: [UUID: Date]) async throws(SourceFailure) {
        let all = uses.sorted { $0.key.uuidString < $1.key.uuidString }
        for start in stride(from: 0, to: all.count, by: 1000) {
            let part = all[start..<min(start + 1000, all.count)]
            _ = try await statement(
                .uses,
                """
                WITH use AS (SELECT * FROM unnest($1::text[], $2::bigint[]) AS use (id, date)),
                mine AS (SELECT session.id FROM session JOIN use USING (id) ORDER BY session.id FOR UPDATE)
                UPDATE session SET last_used = use.date FROM use, mine
                WHERE session.id = use.id AND mine.id = use.id AND last_used < use.date
                """,
                [
                    .array(part.map { $0.key.uuidString.lowercased() }),
                    .array(part.map { "\($0.value.microseconds)" }),
                ])
        }
    }

    /// Counts the sessions whose lifetime is not over.
    /// - Parameter date: the moment to count for.
    /// - Throws: `SourceFailure` if the store could not look.
    public func sessionCount(at date: Date) async throws(SourceFailure) -> Int {
        let rows = try await statement(
            .maintenance, "SELECT count(*) FROM session WHERE ends_at > $1", [.number(date)])
        return Int(try read(rows) { row throws(PostgreSQLError) in try row.number() }.first ?? 0)
    }

    /// Deletes sessions whose time is over, some at a time.
    public func purgeSessions(endedBefore date: Date, unusedSince idle: Date) async throws(SourceFailure) -> Int {
        var count = 0
        while true {
            let deleted = try await transaction(.purge) { connection, deadline throws(PostgreSQLError) in
                guard try Job.purge.begin(connection, until: deadline) else { return 0 }
                return try connection.run(
                    """
                    DELETE FROM session WHERE id IN
                    (SELECT id FROM session WHERE ends_at <= $1 OR last_used <= $2 LIMIT 1000)
                    """, [.number(date), .number(idle)], until: deadline
                ).changed
            }
            count += deleted
            if deleted < 1000 { return count }
        }
    }
}
