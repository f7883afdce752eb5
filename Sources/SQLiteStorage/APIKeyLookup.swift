import APIKeys
import Credentials
import Foundation
import GRDB

/// The one statement that is on the way of requests: a key by its digest. Read column by column: decoding a row by the names of its fields
/// takes longer than finding it.
enum APIKeyLookup {
    /// The columns, in the order in which they are read.
    static let columns = """
        id, owner, ownerSource, ownerIdentity, serviceAccount, label, scopes, createdAt, expirationDate, creatorUserAgent, family,
        rotatedAt, successor, rotationEnd, lastUsed, lastClient, lastUserAgent, revokedAt, revocationCause
        """
    private static let sql = "SELECT \(columns) FROM apiKey WHERE digest = ?"

    /// Finds a key.
    static func find(_ digest: APIKeyDigest, _ database: Database) throws -> APIKeyRecord? {
        let statement = try database.cachedStatement(sql: sql)
        return try Row.fetchOne(statement, arguments: [Data(digest.bytes)]).map { try record($0) }
    }

    /// Reads a row of these columns.
    static func record(_ row: Row) throws -> APIKeyRecord {
        // A damaged database is an error, not a crash.
        func text(_ index: Int) throws -> String { try row.decode(String.self, atIndex: index) }
        func optionalText(_ index: Int) throws -> String? { row.hasNull(atIndex: index) ? nil : try text(index) }
        func time(_ index: Int) throws -> Int64 { try row.decode(Int64.self, atIndex: index) }
        func optionalTime(_ index: Int) throws -> Int64? { row.hasNull(atIndex: index) ? nil : try time(index) }
        return try APIKeyRow(
            id: text(0), digest: Data(), owner: text(1), ownerSource: text(2), ownerIdentity: text(3),
            serviceAccount: optionalText(4), label: text(5),
            scopes: TextList.decode(text(6)),
            createdAt: time(7),
            expirationDate: optionalTime(8), creatorUserAgent: text(9), family: text(10), rotatedAt: optionalTime(11),
            successor: optionalText(12), rotationEnd: optionalTime(13), lastUsed: time(14),
            lastClient: optionalText(15),
            lastUserAgent: optionalText(16), revokedAt: optionalTime(17), revocationCause: optionalText(18)
        ).record
    }
}
