public import APIKeys
public import Credentials
public import Foundation

extension PostgreSQLStore: APIKeyStore {
    private static let find =
        "SELECT \(APIKeyColumns.names), encode(digest, 'hex') FROM api_key WHERE digest = ANY ($1::bytea[])"

    /// How often keys are revoked again that were added meanwhile.
    private static let maximumRevocations = 16

    private static let insertWithOwner =
        "WITH made AS (\(APIKeyColumns.insert)) \(OwnerColumns.insert(from: 21))"

    /// Adds a key, and what is known of its owner, in one transaction; durable when it returns.
    public func insert(
        _ record: APIKeyRecord, digest: APIKeyDigest, owner: OwnerRecord?, limit: Int?
    ) async throws(SourceFailure) -> Bool {
        let values = APIKeyColumns.values(record, digest)
        let now = record.createdAt
        guard limit != nil else {
            // One statement is one transaction, and one way there and back: the owner's row is held for as short as can be.
            guard let owner else {
                _ = try await statement(.change, APIKeyColumns.insert, values)
                return true
            }
            _ = try await statement(.change, Self.insertWithOwner, values + OwnerColumns.values(owner))
            return true
        }
        return try await transaction(.change) { connection, deadline throws(PostgreSQLError) in
            if let limit {
                let count = try Self.countWorking(of: record.owner, at: now, connection, until: deadline)
                guard count < limit else { return false }
            }
            _ = try connection.run(APIKeyColumns.insert, values, until: deadline)
            if let owner { try OwnerColumns.save(owner, connection, until: deadline) }
            return true
        }
    }

    /// How many keys somebody has that are neither revoked nor over. Until the transaction ends no other node adds one: of two that add the last one that
    /// is allowed one must wait for the other.
    private static func countWorking(
        of owner: CredentialOwner, at date: Date, _ connection: PostgreSQLConnection,
        until deadline: ContinuousClock.Instant
    ) throws(PostgreSQLError) -> Int64 {
        let person = "\(owner.source.rawValue) \(owner.identity)"
        _ = try connection.run(
            "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [.text(person)], until: deadline)
        let own = APIKeyColumns.condition(.all(owner), from: 2)
        var row = try connection.run(
            """
            SELECT count(*) FROM api_key WHERE revoked_at IS NULL AND (expiration_date IS NULL OR expiration_date > $1)
            AND (rotation_end IS NULL OR rotation_end > $1) AND \(own.sql)
            """, [.number(date)] + own.values, until: deadline
        ).first
        return try row?.number() ?? 0
    }

    /// Finds a key by one indexed look-up, together with others that are looked up at the same time.
    public func record(of digest: APIKeyDigest) async throws(SourceFailure) -> APIKeyRecord? {
        try await lookups.find(digest) { digests async throws(SourceFailure) in
            let texts = digests.map(\.hexadecimal)
            let rows = try await statement(.lookUp, Self.find, [.array(hexadecimal: texts)])
            let found = try read(rows) { row throws(PostgreSQLError) in
                let record = try APIKeyColumns.record(&row)
                return (try row.text(), record)
            }
            let byText = Dictionary(found) { first, _ in first }
            return texts.map { byText[$0] }
        }
    }

    /// Lists keys, oldest first.
    public func records(_ selection: KeySelection) async throws(SourceFailure) -> [APIKeyRecord] {
        let condition = APIKeyColumns.condition(selection, spellings: try await spellings(selection))
        let rows = try await statement(
            .list, "SELECT \(APIKeyColumns.names) FROM api_key WHERE \(condition.sql) ORDER BY created_at, serial",
            condition.values)
        return try read(rows, APIKeyColumns.record)
    }

    /// How else the service account of a selection may be spelled.
    private func spellings(_ selection: KeySelection) async throws(SourceFailure) -> [String] {
        guard case .serviceAccount(let name) = selection else { return [] }
        return try await Spellings.find(name, in: "service_account", of: "api_key") {
            (sql, values) async throws(SourceFailure) in try await statement(.list, sql, values)
        }
    }

    /// Revokes keys in one transaction, and tells all nodes; durable when it returns.
    public func revoke(
        _ selection: KeySelection, _ revocation: KeyRevocation
    ) async throws(SourceFailure) -> [APIKeyRecord] {
        let condition = APIKeyColumns.condition(selection, from: 3, spellings: try await spellings(selection))
        // That their owner had left may be taken back: what somebody ends stays so.
        let departure = KeyRevocation.Cause.departure.rawValue
        let sql = StoreChange.telling(
            """
            UPDATE api_key SET revoked_at = $1, revocation_cause = $2
            WHERE (revoked_at IS NULL OR $2 <> '\(departure)' AND revocation_cause = '\(departure)') AND \(condition.sql) RETURNING id
            """, kind: "k")
        // What a transaction adds that has begun before, such as the successor of a key, a statement does not see: the next one does.
        for _ in 0..<Self.maximumRevocations {
            let values: [PostgreSQLValue] = [.number(revocation.date), .text(revocation.cause.rawValue)]
            let rows = try await statement(.change, sql, values + condition.values)
            let told = try read(rows) { row throws(PostgreSQLError) in try row.number() }.first ?? 0
            if told == 0 || !selection.isOpen { break }
        }
        return try await records(selection)
    }

    /// Puts a successor into a key's place in one transaction, and tells all nodes; durable when it returns.
    public func rotate(
        _ id: UUID, _ rotation: KeyRotation, into successor: APIKeyRecord, digest: APIKeyDigest, limit: Int?
    ) async throws(SourceFailure) -> RotationOutcome {
        let values =
            APIKeyColumns.values(successor, digest) + [
                .text(id), .number(rotation.date), .text(rotation.successor), .number(rotation.end),
            ]
        // Without an overlap there are no more than before.
        guard let limit, rotation.end > rotation.date else {
            return try await statement(.change, APIKeyColumns.rotate, values).count == 1 ? .done : .notCurrent
        }
        return try await transaction(.change) { connection, deadline throws(PostgreSQLError) in
            let count = try Self.countWorking(of: successor.owner, at: rotation.date, connection, until: deadline)
            guard count < limit else { return .overLimit }
            return try connection.run(APIKeyColumns.rotate, values, until: deadline).count == 1 ? .done : .notCurrent
        }
    }

    /// Notes when and from where keys were last used, in one statement.
    public func noteUses(_ uses: [UUID: KeyUse]) async throws(SourceFailure) {
        // Two nodes that write the same keys must take them in the same order.
        let all = uses.sorted { $0.key.uuidString < $1.key.uuidString }
        for start in stride(from: 0, to: all.count, by: 1000) {
            let part = all[start..<min(start + 1000, all.count)]
            _ = try await statement(
                .uses,
                """
                WITH use AS (SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[]) AS use (id, date, client, agent)),
                mine AS (SELECT api_key.id FROM api_key JOIN use USING (id) ORDER BY api_key.id FOR UPDATE)
                UPDATE api_key SET last_used = use.date,
                    last_client = CASE WHEN use.client IS NULL AND use.agent IS NULL THEN last_client ELSE use.client END,
                    last_user_agent = CASE WHEN use.client IS NULL AND use.agent IS NULL THEN last_user_agent ELSE use.agent END
                FROM use, mine WHERE api_key.id = use.id AND mine.id = use.id AND last_used < use.date
                """,
                [
                    .array(part.map { $0.key.uuidString.lowercased() }),
                    .array(part.map { "\($0.value.date.microseconds)" }),
                    .array(part.map(\.value.client)), .array(part.map(\.value.userAgent)),
                ])
        }
    }

    /// Deletes what is left of keys that ended long ago, some at a time. One node does it, while others pass it over.
    public func purge(endedBefore date: Date) async throws(SourceFailure) -> Int {
        var (count, last) = (0, Int64(0))
        while true {
            let start = last
            let found: (last: Int64, count: Int)? = try await transaction(.purge) {
                connection, deadline throws(PostgreSQLError) in
                guard try Job.purge.begin(connection, until: deadline) else { return nil }
                let rows = try connection.run(
                    """
                    SELECT serial FROM api_key WHERE serial > $2
                    AND (revoked_at < $1 OR expiration_date < $1 OR rotation_end < $1) ORDER BY serial LIMIT 1000
                    """, [.number(date), .number(start)], until: deadline
                ).firstColumn
                guard let newest = rows.last.flatMap({ $0 }).flatMap({ Int64($0) }) else { return nil }
                let deleted = try connection.run(
                    "DELETE FROM api_key WHERE serial = ANY ($1::bigint[])", [.array(rows)], until: deadline)
                return (newest, deleted.changed)
            }
            guard let found else { return count }
            (last, count) = (found.last, count + found.count)
        }
    }

    /// Asks the database for an answer.
    public func probe() async throws(SourceFailure) {
        _ = try await statement(.probe, "SELECT 1 FROM schema_step LIMIT 1", [])
    }
}
