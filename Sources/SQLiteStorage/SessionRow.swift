import Credentials
import Foundation
import GRDB
import Sessions

/// A session as a row of the database. Times are microseconds since 1970.
struct SessionRow: Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "session"

    enum Columns {
        static let id = Column("id")
        static let digest = Column("digest")
        static let owner = Column("owner")
        static let ownerSource = Column("ownerSource")
        static let ownerIdentity = Column("ownerIdentity")
        static let createdAt = Column("createdAt")
        static let endsAt = Column("endsAt")
        static let lastUsed = Column("lastUsed")
    }

    var id: String
    var digest: Data
    var owner: String
    var ownerSource: String
    var ownerIdentity: String
    var createdAt: Int64
    var authenticatedAt: Int64
    var endsAt: Int64
    var lastUsed: Int64
    var client: String?
    var userAgent: String
    var passwordState: String?

    init(_ session: SessionRecord, digest: SessionDigest) {
        id = session.id.uuidString.lowercased()
        self.digest = Data(digest.bytes)
        owner = session.owner.userName.text
        ownerSource = session.owner.source.rawValue
        ownerIdentity = session.owner.identity.text
        createdAt = session.createdAt.microseconds
        authenticatedAt = session.authenticatedAt.microseconds
        endsAt = session.end.microseconds
        lastUsed = session.lastUsed.microseconds
        client = session.client
        userAgent = session.userAgent
        passwordState = session.passwordState
    }

    var record: SessionRecord {
        // An id that is none could only come from a damaged database: it is then nobody's.
        SessionRecord(
            id: UUID(stored: id) ?? UUID(),
            owner: CredentialOwner(
                userName: UserName(owner), source: SourceName(rawValue: ownerSource),
                identity: Identity(ownerIdentity)),
            createdAt: Date(microseconds: createdAt), authenticatedAt: Date(microseconds: authenticatedAt),
            end: Date(microseconds: endsAt),
            lastUsed: Date(microseconds: lastUsed), client: client, userAgent: userAgent, passwordState: passwordState)
    }

    /// The rows of a selection.
    static func rows(_ selection: SessionSelection) -> QueryInterfaceRequest<SessionRow> {
        func isOwn(_ owner: CredentialOwner) -> SQLExpression {
            Columns.ownerSource == owner.source.rawValue && Columns.ownerIdentity == owner.identity.text
        }
        func isOf(_ person: NamedPerson) -> SQLExpression {
            person.owners.reduce(NameCondition(table: databaseTableName, name: person.name).expression) {
                $0 || isOwn($1)
            }
        }
        return switch selection {
        case .own(let id, let owner): filter(Columns.id == id.uuidString.lowercased() && isOwn(owner))
        case .all(let owner): filter(isOwn(owner))
        case .person(let person): filter(isOf(person))
        case .personsOne(let id, let person): filter(Columns.id == id.uuidString.lowercased() && isOf(person))
        case .one(let id): filter(Columns.id == id.uuidString.lowercased())
        case .provider(let source, let identity, let session):
            filter(
                ProviderSessionRow.rows(source, identity: identity, session: session).select(
                    ProviderSessionRow.Columns.session
                ).contains(Columns.id))
        case .digest(let digest): filter(Columns.digest == Data(digest.bytes))
        }
    }
}
