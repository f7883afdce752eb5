import APIKeys
public import Credentials
public import Foundation
public import Sessions

extension PostgreSQLStore: IdentityStore {
    static let identityNames = "source, identity, user_name, groups, display_name, email, last_login"
    static let insertIdentity = "INSERT INTO identity (\(identityNames)) VALUES ($1, $2, $3, $4, $5, $6, $7)"

    /// Notes that something from outside, which counts once, has been done; one row if it is the first time. Those that another node deletes just
    /// now it may have.
    static let noteEnd = """
        WITH over AS (DELETE FROM ended_login WHERE login IN
            (SELECT login FROM ended_login WHERE ends_at < $3 LIMIT 100 FOR UPDATE SKIP LOCKED))
        INSERT INTO ended_login (login, ends_at) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING login
        """

    static func values(_ record: IdentityRecord) -> [PostgreSQLValue] {
        [
            .text(record.source.rawValue), .text(record.identity), .text(record.userName),
            .text(JSONText.encode(record.groups)), .text(record.displayName), .text(record.email),
            .number(record.lastLogin),
        ]
    }

    static func identity(_ row: inout PostgreSQLRow) throws(PostgreSQLError) -> IdentityRecord {
        IdentityRecord(
            source: SourceName(rawValue: try row.text()), identity: Identity(try row.text()),
            userName: UserName(try row.text()), groups: try JSONText.stated(try row.text()),
            displayName: row.optionalText(), email: row.optionalText(),
            lastLogin: Date(microseconds: try row.number()))
    }

    /// Notes a login in one transaction; durable when it returns.
    public func noteLogin(
        _ record: IdentityRecord, isHeld: @escaping @Sendable (IdentityRecord) -> Bool
    ) async throws(SourceFailure) -> Bool {
        try await transaction(.change) { connection, deadline throws(PostgreSQLError) in
            // Two people who come with one name at two nodes: one waits for the other.
            _ = try connection.run(
                "SELECT pg_advisory_xact_lock(hashtextextended($1, 1))",
                [.text(StringPreparation.caseIgnore(record.userName))], until: deadline)
            let others = "FROM identity WHERE user_name = $1 AND NOT (source = $2 AND identity = $3)"
            let values: [PostgreSQLValue] = [
                .text(record.userName), .text(record.source.rawValue), .text(record.identity),
            ]
            let old = try Self.known(record, connection, until: deadline)
            // Whoever has the name keeps it, also beside one in another case that a version of before has let in.
            if old.map({ $0.userName != record.userName || !isHeld($0) }) ?? true {
                let spelled = try Spellings.find(
                    record.userName, in: "user_name", of: "identity", connection, until: deadline)
                let alike = others.replacing(
                    "user_name = $1", with: Spellings.condition("user_name", name: "$1", others: "$4"))
                let rows = try connection.run(
                    "SELECT \(Self.identityNames) \(alike)", values + [.array(spelled)], until: deadline)
                for var row in rows.readers where isHeld(try Self.identity(&row)) { return false }
                _ = try connection.run("DELETE \(others)", values, until: deadline)
            }
            _ = try connection.run(
                """
                \(Self.insertIdentity)
                ON CONFLICT (source, identity) DO UPDATE SET user_name = excluded.user_name, groups = excluded.groups,
                display_name = excluded.display_name, email = excluded.email, last_login = excluded.last_login
                """, Self.values(record), until: deadline)
            // Other nodes go by the name and the groups of before until they hear.
            guard let old,
                old.userName != record.userName || old.groups != record.groups || old.email != record.email
                    || old.displayName != record.displayName
            else { return true }
            _ = try connection.run(
                "SELECT pg_notify('\(StoreChange.channel)', $1)",
                [.text(StoreChange.payload(ofOwners: [old.userName, record.userName]))], until: deadline)
            return true
        }
    }

    /// What the last login said of somebody.
    private static func known(
        _ record: IdentityRecord, _ connection: PostgreSQLConnection, until deadline: ContinuousClock.Instant
    ) throws(PostgreSQLError) -> IdentityRecord? {
        guard
            var row = try connection.run(
                "SELECT \(identityNames) FROM identity WHERE source = $1 AND identity = $2",
                [.text(record.source.rawValue), .text(record.identity)], until: deadline
            ).first
        else { return nil }
        return try identity(&row)
    }

    /// Finds somebody by who they are.
    public func identityRecord(
        _ identity: Identity, of source: SourceName
    ) async throws(SourceFailure) -> IdentityRecord? {
        try await find("identity = $1 AND source = $2", [.text(identity), .text(source.rawValue)])
    }

    /// Finds all who have a user name in some case.
    public func identityRecords(alike userName: UserName) async throws(SourceFailure) -> [IdentityRecord] {
        let spelled = try await Spellings.find(userName, in: "user_name", of: "identity") {
            (sql, values) async throws(SourceFailure) in try await statement(.owners, sql, values)
        }
        let condition = Spellings.condition("user_name", name: "$1", others: "$2")
        let rows = try await statement(
            .owners, "SELECT \(Self.identityNames) FROM identity WHERE \(condition)",
            [.text(userName), .array(spelled)])
        return try read(rows, Self.identity)
    }

    /// Finds whoever has a user name.
    public func identityRecord(named userName: UserName) async throws(SourceFailure) -> IdentityRecord? {
        try await find("user_name = $1", [.text(userName)])
    }

    /// Notes that a browser has come back from a login; durable when it returns.
    public func endLogin(_ login: String, until end: Date, at now: Date) async throws(SourceFailure) -> Bool {
        let rows = try await statement(.change, Self.noteEnd, [.text(login), .number(end), .number(now)])
        return rows.count == 1
    }

    private func find(
        _ condition: String, _ values: [PostgreSQLValue]
    ) async throws(SourceFailure) -> IdentityRecord? {
        let rows = try await statement(.owners, "SELECT \(Self.identityNames) FROM identity WHERE \(condition)", values)
        return try read(rows, Self.identity).first
    }
}
