import APIKeys
import Credentials
import Foundation
import GRDB

/// A key as a row of the database. Times are microseconds since 1970.
struct APIKeyRow: Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "apiKey"

    enum Columns {
        static let id = Column("id")
        static let digest = Column("digest")
        static let owner = Column("owner")
        static let ownerSource = Column("ownerSource")
        static let ownerIdentity = Column("ownerIdentity")
        static let serviceAccount = Column("serviceAccount")
        static let createdAt = Column("createdAt")
        static let expirationDate = Column("expirationDate")
        static let family = Column("family")
        static let rotatedAt = Column("rotatedAt")
        static let successor = Column("successor")
        static let rotationEnd = Column("rotationEnd")
        static let lastUsed = Column("lastUsed")
        static let lastClient = Column("lastClient")
        static let lastUserAgent = Column("lastUserAgent")
        static let revokedAt = Column("revokedAt")
        static let revocationCause = Column("revocationCause")
    }

    var id: String
    var digest: Data
    var owner: String
    var ownerSource: String
    var ownerIdentity: String
    var serviceAccount: String?
    var label: String
    /// GRDB keeps an array as JSON.
    var scopes: [String]
    var createdAt: Int64
    var expirationDate: Int64?
    var creatorUserAgent: String
    var family: String
    var rotatedAt: Int64?
    var successor: String?
    var rotationEnd: Int64?
    /// 0 for never.
    var lastUsed: Int64
    var lastClient: String?
    var lastUserAgent: String?
    var revokedAt: Int64?
    var revocationCause: String?

    var record: APIKeyRecord {
        // An id that is none could only come from a damaged database: it is then nobody's.
        let id = UUID(stored: id) ?? UUID()
        var record = APIKeyRecord(
            id: id,
            owner: CredentialOwner(
                userName: UserName(owner), source: SourceName(rawValue: ownerSource), identity: Identity(ownerIdentity)),
            serviceAccount: serviceAccount.map { UserName($0) }, label: label, scopes: scopes.map { Scope(stored: $0) },
            createdAt: Date(microseconds: createdAt), expirationDate: expirationDate.map { Date(microseconds: $0) },
            creatorUserAgent: creatorUserAgent, family: UUID(stored: family))
        if let rotatedAt {
            record.rotation = KeyRotation(
                date: Date(microseconds: rotatedAt), successor: successor.flatMap { UUID(stored: $0) } ?? id,
                end: Date(microseconds: rotationEnd ?? rotatedAt))
        }
        if lastUsed != 0 {
            record.lastUse = KeyUse(
                date: Date(microseconds: lastUsed), client: lastClient, userAgent: lastUserAgent)
        }
        if let revokedAt {
            record.revocation = KeyRevocation(
                date: Date(microseconds: revokedAt), cause: revocationCause.flatMap { .init(rawValue: $0) } ?? .owner)
        }
        return record
    }

    /// The keys of somebody that are neither revoked nor over.
    static func working(
        of owner: CredentialOwner, at date: Date, _ database: Database
    ) throws -> QueryInterfaceRequest<APIKeyRow> {
        let now = date.microseconds
        return try rows(.all(owner), database).filter(
            Columns.revokedAt == nil && (Columns.expirationDate == nil || Columns.expirationDate > now)
                && (Columns.rotationEnd == nil || Columns.rotationEnd > now))
    }

    /// The rows of a selection.
    static func rows(_ selection: KeySelection, _ database: Database) throws -> QueryInterfaceRequest<APIKeyRow> {
        func isOwn(_ owner: CredentialOwner) -> SQLExpression {
            // Nobody has told yet who a name was when a key from before identities was made.
            let identities = [owner.identity.text, Identity(named: owner.userName).text]
            return Columns.ownerSource == owner.source.rawValue && identities.contains(Columns.ownerIdentity)
        }
        func isOf(_ person: NamedPerson) -> SQLExpression {
            let named = NameCondition(table: databaseTableName, name: person.name).expression
            return Columns.serviceAccount == person.name.text
                || Columns.serviceAccount == nil && person.owners.reduce(named) { $0 || isOwn($1) }
        }
        func isSpelled(_ name: UserName) -> SQL { "lower(serviceAccount) = lower(\(name.text))" }
        return switch selection {
        case .own(let id, let owner): filter(Columns.id == id.uuidString.lowercased() && isOwn(owner))
        case .all(let owner): filter(isOwn(owner))
        case .person(let person): filter(isOf(person))
        case .personsOne(let id, let person): filter(Columns.id == id.uuidString.lowercased() && isOf(person))
        case .serviceAccount(let name):
            // By the index of those that are of a service account.
            filter(literal: "serviceAccount IS NOT NULL").filter(
                isSpelled(name).sqlExpression
                    || (try Spellings.find(name, in: "serviceAccount", of: databaseTableName, database)).contains(
                        Columns.serviceAccount)
            )
        case .account(let name): filter(Columns.serviceAccount == name.text)
        case .accountsOne(let id, let name):
            filter(Columns.id == id.uuidString.lowercased() && Columns.serviceAccount == name.text)
        case .family(let family): filter(Columns.family == family.uuidString.lowercased())
        case .digest(let digest): filter(Columns.digest == Data(digest.bytes))
        }
    }
}

extension APIKeyRow {
    init(_ record: APIKeyRecord, digest: APIKeyDigest) {
        self.init(
            id: record.id.uuidString.lowercased(),
            digest: Data(digest.bytes),
            owner: record.owner.userName.text,
            ownerSource: record.owner.source.rawValue,
            ownerIdentity: record.owner.identity.text,
            serviceAccount: record.serviceAccount?.text,
            label: record.label,
            scopes: record.scopes.map(\.text),
            createdAt: record.createdAt.microseconds,
            expirationDate: record.expirationDate?.microseconds,
            creatorUserAgent: record.creatorUserAgent,
            family: record.family.uuidString.lowercased(),
            rotatedAt: record.rotation?.date.microseconds,
            successor: record.rotation?.successor.uuidString.lowercased(),
            rotationEnd: record.rotation?.end.microseconds,
            lastUsed: record.lastUse?.date.microseconds ?? 0,
            lastClient: record.lastUse?.client,
            lastUserAgent: record.lastUse?.userAgent,
            revokedAt: record.revocation?.date.microseconds,
            revocationCause: record.revocation?.cause.rawValue)
    }
}
