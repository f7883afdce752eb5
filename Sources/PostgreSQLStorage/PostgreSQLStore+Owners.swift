import APIKeys
public import Credentials

extension PostgreSQLStore: OwnerStore {
    /// Finds what was last said of an owner by one indexed look-up.
    public func record(of owner: CredentialOwner) async throws(SourceFailure) -> OwnerRecord? {
        let rows = try await statement(
            .owners, "SELECT \(OwnerColumns.names) FROM key_owner WHERE source = $1 AND identity = $2",
            [.text(owner.source.rawValue), .text(owner.identity)])
        return try read(rows, OwnerColumns.record).first
    }

    /// Notes what was said of people who have keys or sessions, in one transaction, and tells all nodes who is gone.
    public func noteOwners(_ owners: [OwnerRecord]) async throws(SourceFailure) {
        // Two nodes that write the same people must take them in the same order.
        let all = owners.sorted {
            ($0.owner.source.rawValue, $0.owner.identity) < ($1.owner.source.rawValue, $1.owner.identity)
        }
        for start in stride(from: 0, to: all.count, by: 500) {
            let part = Array(all[start..<min(start + 500, all.count)])
            try await transaction(.owners) { connection, deadline throws(PostgreSQLError) in
                var gone: [UserName] = []
                for owner in part {
                    if let name = try Self.note(owner, connection, until: deadline) { gone.append(name) }
                }
                guard !gone.isEmpty else { return }
                _ = try connection.run(
                    "SELECT pg_notify('\(StoreChange.channel)', $1)", [.text(StoreChange.payload(ofOwners: gone))],
                    until: deadline)
            }
        }
    }

    /// - Returns: the name of somebody who was there, and is gone.
    private static func note(
        _ owner: OwnerRecord, _ connection: PostgreSQLConnection, until deadline: ContinuousClock.Instant
    ) throws(PostgreSQLError) -> UserName? {
        let source = owner.owner.source.rawValue
        let identity = owner.principal?.identity ?? owner.owner.identity
        var name: UserName?
        var wasPresent = false
        if let principal = owner.principal {
            let byName = Identity(named: principal.userName)
            if identity != byName {
                _ = try connection.run(
                    "UPDATE api_key SET owner_identity = $1 WHERE owner_identity = $2 AND owner_source = $3",
                    [.text(identity), .text(byName), .text(source)], until: deadline)
            }
        } else {
            // Who is gone is still known by the name that they had last.
            var row = try connection.run(
                "SELECT user_name, is_present FROM key_owner WHERE source = $1 AND identity = $2",
                [.text(source), .text(identity)],
                until: deadline
            ).first
            if let text = try row?.text() { name = UserName(text) }
            wasPresent = try row?.bool() ?? false
        }
        var row = try connection.run(
            """
            SELECT EXISTS (SELECT 1 FROM api_key WHERE owner_identity = $1 AND owner_source = $2 AND revoked_at IS NULL)
            OR EXISTS (SELECT 1 FROM session WHERE owner_identity = $1 AND owner_source = $2)
            """, [.text(identity), .text(source)], until: deadline
        ).first
        if try row?.bool() ?? false { try OwnerColumns.save(owner, named: name, connection, until: deadline) }
        return wasPresent ? name : nil
    }
}
