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
            source: SourceName(rawValue: try row.text()), identity: try row.text(), userName: try row.text(),
            groups: try JSONText.texts(try row.text()), displayName: row.optionalText(), email: row.optionalText(),
            lastLogin: Date(microseconds: try row.number()))
    }

    /// Notes a login in one transaction; durable when it returns.
    public func noteLogin(
        _ record: IdentityRecord, othersGoneSince date: Date
    ) async throws(SourceFailure) -> Bool {
        try await transaction(.change) { connection, deadline throws(PostgreSQLError) in
            // Two people who come with one name at two nodes: one waits for the other.
            _ = try connection.run(
                "SELECT pg_advisory_xact_lock(hashtextextended($1, 1))", [.text(record.userName)], until: deadline)
            let (source, identity) = (record.source.rawValue, record.identity)
            _ = try connection.run(
                """
                DELETE FROM identity WHERE user_name = $1 AND NOT (source = $2 AND identity = $3) AND last_login < $4
                """, [.text(record.userName), .text(source), .text(identity), .number(date)], until: deadline)
            let others = try connection.run(
                "SELECT 1 FROM identity WHERE user_name = $1 AND NOT (source = $2 AND identity = $3)",
                [.text(record.userName), .text(source), .text(identity)], until: deadline)
            guard others.count == 0 else { return false }
            _ = try connection.run(
                """
                \(Self.insertIdentity)
                ON CONFLICT (source, identity) DO UPDATE SET user_name = excluded.user_name, groups = excluded.groups,
                display_name = excluded.display_name, email = excluded.email, last_login = excluded.last_login
                """, Self.values(record), until: deadline)
            return true
        }
    }

    /// Finds somebody by who they are.
    public func identityRecord(
        _ identity: String, of source: SourceName
    ) async throws(SourceFailure) -> IdentityRecord? {
        try await find("identity = $1 AND source = $2", [.text(identity), .text(source.rawValue)])
    }

    /// Finds whoever has a user name.
    public func identityRecord(named userName: String) async throws(SourceFailure) -> IdentityRecord? {
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
