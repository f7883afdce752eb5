public import APIKeys
public import Credentials
public import Foundation
public import Sessions

/// Everything of a store, some at a time and in a fixed order, for moving it to another one.
extension PostgreSQLStore {
    /// How many are read at once.
    private static let pageLength = 500

    /// Keys in the order of their ids.
    /// - Parameter id: those behind it; nil for the first ones.
    public func keyPage(after id: UUID?) async throws(SourceFailure) -> [(APIKeyRecord, APIKeyDigest)] {
        // The order of bytes, as the other stores have it.
        let rows = try await statement(
            .maintenance,
            """
            SELECT \(APIKeyColumns.names), encode(digest, 'hex') FROM api_key WHERE id COLLATE "C" > $1
            ORDER BY id COLLATE "C" LIMIT \(Self.pageLength)
            """, [.text(id?.uuidString.lowercased() ?? "")])
        return try read(rows) { row throws(PostgreSQLError) in
            let record = try APIKeyColumns.record(&row)
            guard let digest = APIKeyDigest(hexadecimal: try row.text()) else { throw PostgreSQLRow.damaged }
            return (record, digest)
        }
    }

    /// What sources have last said of people.
    /// - Parameter owner: those behind it; nil for the first ones.
    public func ownerPage(after owner: CredentialOwner?) async throws(SourceFailure) -> [OwnerRecord] {
        let rows = try await statement(
            .maintenance,
            """
            SELECT \(OwnerColumns.names) FROM key_owner WHERE (source COLLATE "C", identity COLLATE "C") > ($1, $2)
            ORDER BY source COLLATE "C", identity COLLATE "C" LIMIT \(Self.pageLength)
            """, [.text(owner?.source.rawValue ?? ""), .text(owner?.identity.text ?? "")])
        return try read(rows, OwnerColumns.record)
    }

    /// Sessions in the order of their ids.
    /// - Parameter id: those behind it; nil for the first ones.
    public func sessionPage(
        after id: UUID?
    ) async throws(SourceFailure) -> [(SessionRecord, SessionDigest, ProviderSession?)] {
        let rows = try await statement(
            .maintenance,
            """
            SELECT \(SessionColumns.names), encode(digest, 'hex'), provider_source, provider_identity, provider_session, id_token
            FROM session WHERE id COLLATE "C" > $1 ORDER BY id COLLATE "C" LIMIT \(Self.pageLength)
            """, [.text(id?.uuidString.lowercased() ?? "")])
        return try read(rows) { row throws(PostgreSQLError) in
            let session = try SessionColumns.record(&row)
            guard let digest = SessionDigest(bytes: Hexadecimal.bytes(try row.text()) ?? []) else {
                throw PostgreSQLRow.damaged
            }
            let (source, identity) = (row.optionalText(), row.optionalText())
            let (id, token) = (row.optionalText(), row.optionalText())
            guard let source, let identity else { return (session, digest, nil) }
            return (
                session, digest,
                ProviderSession(
                    source: SourceName(rawValue: source), identity: Identity(identity), id: id,
                    idToken: token.map { Secret($0) })
            )
        }
    }

    /// People of providers in the order of their user names.
    /// - Parameter userName: those behind it; nil for the first ones.
    public func identityPage(after userName: UserName?) async throws(SourceFailure) -> [IdentityRecord] {
        let rows = try await statement(
            .maintenance,
            """
            SELECT \(Self.identityNames) FROM identity WHERE user_name COLLATE "C" > $1
            ORDER BY user_name COLLATE "C" LIMIT \(Self.pageLength)
            """, [.text(userName?.text ?? "")])
        return try read(rows, Self.identity)
    }

    /// Names of service accounts that have a key which is not revoked, in their order.
    /// - Parameter name: those behind it; nil for the first ones.
    public func serviceAccountPage(after name: UserName?) async throws(SourceFailure) -> [UserName] {
        let rows = try await statement(
            .maintenance,
            """
            SELECT service_account FROM api_key WHERE service_account COLLATE "C" > $1 AND revoked_at IS NULL
            GROUP BY service_account ORDER BY service_account COLLATE "C" LIMIT \(Self.pageLength)
            """, [.text(name?.text ?? "")])
        return try read(rows) { row throws(PostgreSQLError) in UserName(try row.text()) }
    }

    /// Adds keys as they are; one that is there already, by its digest or its id, stays as it is.
    /// - Parameter keys: the keys.
    /// - Returns: how many were added.
    /// - Throws: `SourceFailure` if they could not be stored.
    public func add(_ keys: [(APIKeyRecord, APIKeyDigest)]) async throws(SourceFailure) -> Int {
        try await transaction(.maintenance) { connection, deadline throws(PostgreSQLError) in
            var count = 0
            for (record, digest) in keys {
                count += try connection.run(
                    APIKeyColumns.insert + " ON CONFLICT DO NOTHING", APIKeyColumns.values(record, digest),
                    until: deadline
                ).changed
            }
            return count
        }
    }

    /// Adds what another store has, as it is; what is there already stays.
    /// - Throws: `SourceFailure` if it could not be stored.
    public func add(
        owners: [OwnerRecord], sessions: [(SessionRecord, SessionDigest, ProviderSession?)],
        identities: [IdentityRecord]
    ) async throws(SourceFailure) {
        try await transaction(.maintenance) { connection, deadline throws(PostgreSQLError) in
            for owner in owners { try OwnerColumns.save(owner, connection, until: deadline) }
            for (session, digest, provider) in sessions {
                _ = try connection.run(
                    SessionColumns.insert + " ON CONFLICT DO NOTHING", SessionColumns.values(session, digest, provider),
                    until: deadline)
            }
            for identity in identities {
                _ = try connection.run(
                    "\(Self.insertIdentity) ON CONFLICT DO NOTHING", Self.values(identity), until: deadline)
            }
        }
    }
}
