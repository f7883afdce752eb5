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
        static let createdAt = Column("createdAt")
        static let lastUsed = Column("lastUsed")
        static let revokedAt = Column("revokedAt")
    }

    var id: String
    var digest: Data
    var owner: String
    var ownerSource: String
    var label: String
    /// GRDB keeps an array as JSON.
    var scopes: [String]
    var createdAt: Int64
    var expirationDate: Int64?
    var creatorUserAgent: String
    /// 0 for never.
    var lastUsed: Int64
    var revokedAt: Int64?

    init(_ record: APIKeyRecord, digest: APIKeyDigest) {
        id = record.id.uuidString.lowercased()
        self.digest = Data(digest.bytes)
        owner = record.owner
        ownerSource = record.ownerSource.rawValue
        label = record.label
        scopes = record.scopes.map(\.text)
        createdAt = record.createdAt.microseconds
        expirationDate = record.expirationDate?.microseconds
        creatorUserAgent = record.creatorUserAgent
        lastUsed = record.lastUsed?.microseconds ?? 0
        revokedAt = record.revokedAt?.microseconds
    }

    var record: APIKeyRecord {
        APIKeyRecord(
            // An id that is none could only come from a damaged database: it is then nobody's.
            id: UUID(uuidString: id) ?? UUID(), owner: owner, ownerSource: SourceName(rawValue: ownerSource),
            label: label, scopes: scopes.map { Scope(stored: $0) }, createdAt: Date(microseconds: createdAt),
            expirationDate: expirationDate.map { Date(microseconds: $0) }, creatorUserAgent: creatorUserAgent,
            lastUsed: lastUsed == 0 ? nil : Date(microseconds: lastUsed),
            revokedAt: revokedAt.map { Date(microseconds: $0) })
    }
}

extension Date {
    /// Whole microseconds since 1970.
    var microseconds: Int64 { Int64((timeIntervalSince1970 * 1_000_000).rounded()) }

    init(microseconds: Int64) {
        self.init(timeIntervalSince1970: Double(microseconds) / 1_000_000)
    }
}
