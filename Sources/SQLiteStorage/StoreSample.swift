import APIKeys
import Credentials
import Foundation
import GRDB

/// Reads a little of a store, on the way that requests take: from the root of the index by a digest to a row, and the row itself. The digests are
/// at random, so that a damaged part is met the sooner the larger it is, and each look costs the same however many keys there are.
enum StoreSample {
    private static let keys = 4

    /// Reads.
    /// - Throws: what a request would have met with.
    static func read(_ database: Database) throws {
        for _ in 0..<keys {
            guard let digest = try digest(in: APIKeyRow.databaseTableName, database) else { break }
            // What the index names must be there.
            guard let digest = APIKeyDigest(Array(digest)), try APIKeyLookup.find(digest, database) != nil else {
                throw missing
            }
        }
        if let digest = try digest(in: SessionRow.databaseTableName, database) {
            guard try SessionRow.filter(SessionRow.Columns.digest == digest).fetchOne(database) != nil else {
                throw missing
            }
        }
    }

    private static let missing = DatabaseError(
        resultCode: .SQLITE_CORRUPT, message: "an index names a row that is not there")

    /// A digest of a table behind a place at random; nil if the table is empty.
    private static func digest(in table: String, _ database: Database) throws -> Data? {
        let place = Data((0..<32).map { _ in UInt8.random(in: 0...255) })
        let sql = "SELECT digest FROM \(table) WHERE digest >= ? ORDER BY digest LIMIT 1"
        if let digest = try Data.fetchOne(database, sql: sql, arguments: [place]) { return digest }
        return try Data.fetchOne(database, sql: "SELECT digest FROM \(table) ORDER BY digest LIMIT 1")
    }
}
