public import APIKeys
public import Credentials
public import Foundation
import GRDB

/// Keys of people whom a source that knows them by their names alone has no more.
extension SQLiteStore {
    /// Takes back the ends of keys whose owner was gone, in one transaction; durable when it returns.
    public func restore(_ owner: CredentialOwner, departedAt date: Date) async throws(SourceFailure) -> [APIKeyRecord] {
        try await change { database in
            let departure = KeyRevocation.Cause.departure.rawValue
            let ids = try APIKeyRow.rows(.all(owner), database).filter(
                APIKeyRow.Columns.revocationCause == departure && APIKeyRow.Columns.revokedAt == date.microseconds
            ).fetchAll(database).map(\.id)
            let rows = APIKeyRow.filter(ids.contains(APIKeyRow.Columns.id))
            try rows.updateAll(
                database, APIKeyRow.Columns.revokedAt.set(to: nil), APIKeyRow.Columns.revocationCause.set(to: nil))
            return try rows.order(APIKeyRow.Columns.createdAt, Column.rowID).fetchAll(database)
        }.map(\.record)
    }

    /// Finds out whose keys have ended as they had left.
    public func departures(from source: SourceName) async throws(SourceFailure) -> [UserName: Date] {
        let rows = try await bounded(.maintenance) { database in
            try await database.read { database in
                try Row.fetchAll(
                    database,
                    sql: """
                        SELECT ownerIdentity, MAX(revokedAt) FROM apiKey WHERE ownerSource = ? AND revocationCause = ?
                        GROUP BY ownerIdentity
                        """, arguments: [source.rawValue, KeyRevocation.Cause.departure.rawValue]
                ).map { (try $0.decode(String.self, atIndex: 0), try $0.decode(Int64.self, atIndex: 1)) }
            }
        }
        let named = rows.compactMap { identity, date in
            Identity(identity).userName.map { ($0, Date(microseconds: date)) }
        }
        return Dictionary(named) { first, _ in first }
    }

    /// Finds out who has keys, by one look through an index.
    public func namedOwners(of source: SourceName) async throws(SourceFailure) -> [UserName] {
        try await bounded(.maintenance) { database in
            try await database.read { database in
                // By the index alone.
                try String.fetchAll(
                    database, sql: "SELECT DISTINCT ownerIdentity FROM apiKey WHERE ownerSource = ?",
                    arguments: [source.rawValue])
            }
        }.compactMap { Identity($0).userName }
    }
}
