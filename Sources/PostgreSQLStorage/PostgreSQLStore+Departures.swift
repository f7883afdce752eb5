public import APIKeys
public import Credentials
public import Foundation

/// Keys of people whom a source that knows them by their names alone has no more.
extension PostgreSQLStore {
    /// Takes back the ends of keys whose owner was gone, in one statement; durable when it returns.
    public func restore(_ owner: CredentialOwner, departedAt date: Date) async throws(SourceFailure) -> [APIKeyRecord] {
        let condition = APIKeyColumns.condition(.all(owner), from: 3)
        let rows = try await statement(
            .change,
            """
            UPDATE api_key SET revoked_at = NULL, revocation_cause = NULL
            WHERE revocation_cause = $1 AND revoked_at = $2 AND \(condition.sql) RETURNING \(APIKeyColumns.names)
            """, [.text(KeyRevocation.Cause.departure.rawValue), .number(date)] + condition.values)
        return try read(rows, APIKeyColumns.record)
    }

    /// Finds out whose keys have ended as they had left.
    public func departures(from source: SourceName) async throws(SourceFailure) -> [UserName: Date] {
        let rows = try await statement(
            .maintenance,
            """
            SELECT owner_identity, max(revoked_at) FROM api_key WHERE owner_source = $1 AND revocation_cause = $2
            GROUP BY owner_identity
            """, [.text(source.rawValue), .text(KeyRevocation.Cause.departure.rawValue)])
        let named = try read(rows) { row throws(PostgreSQLError) in
            (Identity(try row.text()).userName, Date(microseconds: try row.number()))
        }
        return Dictionary(named.compactMap { name, date in name.map { ($0, date) } }) { first, _ in first }
    }

    /// Finds out who has keys, by one look through an index.
    public func namedOwners(of source: SourceName) async throws(SourceFailure) -> [UserName] {
        let rows = try await statement(
            .maintenance, "SELECT DISTINCT owner_identity FROM api_key WHERE owner_source = $1",
            [.text(source.rawValue)])
        return try read(rows) { row throws(PostgreSQLError) in Identity(try row.text()).userName }.compactMap(\.self)
    }
}
