import Credentials
import Foundation

/// What a source has last said of an owner, as a row of the table `key_owner`.
enum OwnerColumns {
    static let names = "source, identity, user_name, is_present, groups, display_name, email, vouched_at"

    /// Keeps what was said; what another node has heard later stays.
    /// - Parameter number: the first of the eight values' numbers.
    static func insert(from number: Int = 1) -> String {
        """
        INSERT INTO key_owner (\(names)) VALUES (\((number..<number + 8).map { "$\($0)" }.joined(separator: ", ")))
        ON CONFLICT (source, identity) DO UPDATE SET
        user_name = excluded.user_name, is_present = excluded.is_present, groups = excluded.groups,
        display_name = excluded.display_name, email = excluded.email, vouched_at = excluded.vouched_at
        WHERE key_owner.vouched_at <= excluded.vouched_at
        """
    }

    /// The values of that.
    /// - Parameter name: what the person is called; nil for what the word says.
    static func values(_ owner: OwnerRecord, named name: UserName? = nil) -> [PostgreSQLValue] {
        let principal = owner.principal
        return [
            .text(owner.owner.source.rawValue), .text(principal?.identity ?? owner.owner.identity),
            .text(name ?? principal?.userName ?? owner.owner.userName), .bool(principal != nil),
            .text(JSONText.encode(principal?.groups ?? [])), .text(principal?.displayName), .text(principal?.email),
            .number(owner.date),
        ]
    }

    static func record(_ row: inout PostgreSQLRow) throws(PostgreSQLError) -> OwnerRecord {
        let (source, identity, name) = (
            SourceName(rawValue: try row.text()), Identity(try row.text()), UserName(try row.text())
        )
        let (isPresent, groups) = (try row.bool(), try JSONText.groups(try row.text()))
        let principal = Principal(
            userName: name, groups: groups, source: source, displayName: row.optionalText(), email: row.optionalText(),
            identity: identity)
        return OwnerRecord(
            CredentialOwner(userName: name, source: source, identity: identity),
            principal: isPresent ? principal : nil, date: Date(microseconds: try row.number()))
    }

    /// Keeps what was said; what another node has heard later stays.
    static func save(
        _ owner: OwnerRecord, named name: UserName? = nil, _ connection: PostgreSQLConnection,
        until deadline: ContinuousClock.Instant
    ) throws(PostgreSQLError) {
        _ = try connection.run(insert(), values(owner, named: name), until: deadline)
    }
}
