import APIKeys
import Credentials
import Foundation

/// A key as a row of the table `api_key`.
enum APIKeyColumns {
    /// All that is known of a key, but for its digest.
    static let names = """
        id, owner, owner_source, owner_identity, service_account, label, scopes, created_at, expiration_date, creator_user_agent, family,
        rotated_at, successor, rotation_end, last_used, last_client, last_user_agent, revoked_at, revocation_cause
        """

    static let insert = """
        INSERT INTO api_key (\(names), digest) VALUES
        ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
        """

    /// Puts a successor into the place of a key, if that is neither rotated nor revoked: $21 to $24 are the key, and what becomes of it.
    static let rotate = """
        WITH old AS (UPDATE api_key SET rotated_at = $22::bigint, successor = $23::text, rotation_end = $24::bigint
            WHERE id = $21::text AND rotated_at IS NULL AND revoked_at IS NULL RETURNING id),
        new AS (INSERT INTO api_key (\(names), digest)
            SELECT $1::text, $2::text, $3::text, $4::text, $5::text, $6::text, $7::text, $8::bigint, $9::bigint, $10::text, $11::text,
            $12::bigint, $13::text, $14::bigint, $15::bigint, $16::text, $17::text, $18::bigint, $19::text, $20::bytea FROM old)
        SELECT pg_notify('\(StoreChange.channel)', 'k ' || id) FROM old
        """

    static func values(_ record: APIKeyRecord, _ digest: APIKeyDigest) -> [PostgreSQLValue] {
        [
            .text(record.id), .text(record.owner.userName), .text(record.owner.source.rawValue),
            .text(record.owner.identity), .text(record.serviceAccount), .text(record.label),
            .text(JSONText.encode(record.scopes.map(\.text))), .number(record.createdAt),
            .number(record.expirationDate), .text(record.creatorUserAgent), .text(record.family),
            .number(record.rotation?.date), .text(record.rotation?.successor.uuidString.lowercased()),
            .number(record.rotation?.end), .number(record.lastUse?.date.microseconds ?? 0),
            .text(record.lastUse?.client), .text(record.lastUse?.userAgent), .number(record.revocation?.date),
            .text(record.revocation?.cause.rawValue), .bytes(digest.bytes),
        ]
    }

    static func record(_ row: inout PostgreSQLRow) throws(PostgreSQLError) -> APIKeyRecord {
        guard let id = UUID(stored: try row.text()) else { throw PostgreSQLRow.damaged }
        let owner = CredentialOwner(
            userName: UserName(try row.text()), source: SourceName(rawValue: try row.text()),
            identity: Identity(try row.text()))
        let (account, label, scopes) = (row.optionalText(), try row.text(), try JSONText.texts(try row.text()))
        let (created, expiration) = (Date(microseconds: try row.number()), try row.optionalNumber())
        var record = APIKeyRecord(
            id: id, owner: owner, serviceAccount: account.map { UserName($0) }, label: label,
            scopes: scopes.map { Scope(stored: $0) },
            createdAt: created, expirationDate: expiration.map { Date(microseconds: $0) },
            creatorUserAgent: try row.text(), family: UUID(stored: try row.text()))
        let (rotated, successor, end) = (try row.optionalNumber(), row.optionalText(), try row.optionalNumber())
        if let rotated {
            record.rotation = KeyRotation(
                date: Date(microseconds: rotated), successor: successor.flatMap { UUID(stored: $0) } ?? id,
                end: Date(microseconds: end ?? rotated))
        }
        let (used, client, agent) = (try row.number(), row.optionalText(), row.optionalText())
        if used != 0 { record.lastUse = KeyUse(date: Date(microseconds: used), client: client, userAgent: agent) }
        let (revoked, cause) = (try row.optionalNumber(), row.optionalText())
        if let revoked {
            record.revocation = KeyRevocation(
                date: Date(microseconds: revoked), cause: cause.flatMap { .init(rawValue: $0) } ?? .owner)
        }
        return record
    }

    /// What a selection is in SQL, with its values from a number on.
    /// - Parameter spellings: what ``Spellings`` has found for the name of a service account.
    static func condition(
        _ selection: KeySelection, from number: Int = 1, spellings: [String] = []
    ) -> (sql: String, values: [PostgreSQLValue]) {
        func p(_ offset: Int) -> String { "$\(number + offset)" }
        // Nobody has told yet who a name was when a key was made by nothing better.
        func own(_ offset: Int) -> String {
            "owner_source = \(p(offset)) AND owner_identity IN (\(p(offset + 1)), \(p(offset + 2)))"
        }
        func owner(_ owner: CredentialOwner) -> [PostgreSQLValue] {
            [.text(owner.source.rawValue), .text(owner.identity), .text(Identity(named: owner.userName))]
        }
        // Whoever has, or had last, the name, and whoever they are; a service account's keys have its name alone.
        func condition(_ person: NamedPerson, _ offset: Int) -> (sql: String, values: [PostgreSQLValue]) {
            var (sql, values) = NameCondition(table: "api_key").condition(person.name, at: number + offset)
            for one in person.owners {
                sql += " OR \(own(offset + values.count))"
                values += owner(one)
            }
            return ("(service_account = \(p(offset)) OR service_account IS NULL AND (\(sql)))", values)
        }
        return switch selection {
        case .own(let id, let person): ("id = \(p(0)) AND \(own(1))", [.text(id)] + owner(person))
        case .all(let person): (own(0), owner(person))
        case .person(let person): condition(person, 0)
        case .personsOne(let id, let person):
            ("id = \(p(0)) AND \(condition(person, 1).sql)", [.text(id)] + condition(person, 1).values)
        case .serviceAccount(let name):
            (
                "service_account IS NOT NULL AND \(Spellings.condition("service_account", name: p(0), others: p(1)))",
                [.text(name), .array(spellings)]
            )
        case .account(let name): ("service_account = \(p(0))", [.text(name)])
        case .accountsOne(let id, let name):
            ("id = \(p(0)) AND service_account = \(p(1))", [.text(id), .text(name)])
        case .family(let family): ("family = \(p(0))", [.text(family)])
        case .digest(let digest): ("digest = \(p(0))", [.bytes(digest.bytes)])
        }
    }
}
