import Credentials
import Foundation
import Sessions

/// A session as a row of the table `session`.
enum SessionColumns {
    static let names = """
        id, owner, owner_source, owner_identity, created_at, authenticated_at, ends_at, last_used, client, user_agent, password_state
        """

    static let providerNames = "provider_source, provider_identity, provider_session, id_token"

    static let insert = """
        INSERT INTO session (\(names), digest, \(providerNames))
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
        """

    static func values(
        _ session: SessionRecord, _ digest: SessionDigest, _ provider: ProviderSession?
    ) -> [PostgreSQLValue] {
        [
            .text(session.id), .text(session.owner.userName), .text(session.owner.source.rawValue),
            .text(session.owner.identity), .number(session.createdAt), .number(session.authenticatedAt),
            .number(session.end), .number(session.lastUsed), .text(session.client), .text(session.userAgent),
            .text(session.passwordState), .bytes(digest.bytes), .text(provider?.source.rawValue),
            .text(provider?.identity), .text(provider?.id),
            .text(provider?.idToken.map { String(decoding: $0.bytes, as: UTF8.self) }),
        ]
    }

    static func record(_ row: inout PostgreSQLRow) throws(PostgreSQLError) -> SessionRecord {
        guard let id = UUID(stored: try row.text()) else { throw PostgreSQLRow.damaged }
        let owner = CredentialOwner(
            userName: UserName(try row.text()), source: SourceName(rawValue: try row.text()),
            identity: Identity(try row.text()))
        let (created, shown) = (Date(microseconds: try row.number()), Date(microseconds: try row.number()))
        let (end, used) = (Date(microseconds: try row.number()), Date(microseconds: try row.number()))
        return SessionRecord(
            id: id, owner: owner, createdAt: created, authenticatedAt: shown, end: end, lastUsed: used,
            client: row.optionalText(), userAgent: try row.text(), passwordState: row.optionalText())
    }

    /// The session at the provider by which it began.
    static func provider(_ row: inout PostgreSQLRow) throws(PostgreSQLError) -> ProviderSession? {
        let (source, identity, id, token) = (
            row.optionalText(), row.optionalText(), row.optionalText(), row.optionalText()
        )
        guard let source else { return nil }
        guard let identity else { throw PostgreSQLRow.damaged }
        return ProviderSession(
            source: SourceName(rawValue: source), identity: Identity(identity), id: id,
            idToken: token.map { Secret($0) })
    }

    /// Both, one after the other.
    static func whole(
        _ row: inout PostgreSQLRow
    ) throws(PostgreSQLError) -> (session: SessionRecord, provider: ProviderSession?) {
        let session = try record(&row)
        return (session, try provider(&row))
    }

    /// Those of a person: of whoever has, or had last, a name, and of whoever they are.
    private static func condition(_ person: NamedPerson, from number: Int) -> (sql: String, values: [PostgreSQLValue]) {
        var (sql, values) = NameCondition(table: "session").condition(person.name, at: number)
        for owner in person.owners {
            let first = number + values.count
            sql += " OR owner_source = $\(first) AND owner_identity = $\(first + 1)"
            values += [.text(owner.source.rawValue), .text(owner.identity)]
        }
        return ("(\(sql))", values)
    }

    /// What a selection is in SQL, with its values.
    static func condition(_ selection: SessionSelection) -> (sql: String, values: [PostgreSQLValue]) {
        func owner(_ owner: CredentialOwner) -> [PostgreSQLValue] {
            [.text(owner.source.rawValue), .text(owner.identity)]
        }
        let own = "owner_source = $1 AND owner_identity = $2"
        return switch selection {
        case .own(let id, let person): ("\(own) AND id = $3", owner(person) + [.text(id)])
        case .all(let person): (own, owner(person))
        case .person(let person): condition(person, from: 1)
        case .personsOne(let id, let person):
            (condition(person, from: 2).sql + " AND id = $1", [.text(id)] + condition(person, from: 2).values)
        case .one(let id): ("id = $1", [.text(id)])
        case .provider(_, identity: nil, session: nil): ("false", [])
        case .provider(let source, let identity, let session):
            (
                """
                provider_source = $1 AND ($2::text IS NULL OR provider_identity = $2) AND ($3::text IS NULL OR provider_session = $3)
                """, [.text(source.rawValue), .text(identity), .text(session)]
            )
        case .digest(let digest): ("digest = $1", [.bytes(digest.bytes)])
        }
    }
}
