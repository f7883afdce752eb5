import APIKeys
import Credentials
import Foundation
import Sessions
import TestSupport
import Testing

@testable import PostgreSQLStorage

@Suite("Nodes of two versions on one database")
struct SchemaVersionTests {
    private let alice = Principal(userName: "alice", source: .ldap)

    private func database() async throws -> (options: PostgreSQLOptions, name: String) {
        let connection = try await PostgreSQL.shared().newDatabase()
        var options = PostgreSQLOptions(connection: connection)
        options.password = Secret(PostgreSQL.password)
        return (options, try String(#require(connection.split(separator: "dbname=").last)))
    }

    /// The life of a key and of a session, in all that a node does with them.
    private func live(_ store: PostgreSQLStore) async throws {
        let ring = APIKeyRing(store: store)
        let owner = CredentialOwner(alice)
        let (record, key) = try await ring.create(
            owner: alice, label: "x", scopes: [], expirationDate: nil, userAgent: "")
        #expect(try await store.record(of: key.digest)?.id == record.id)
        try await store.noteUses([record.id: KeyUse(date: .now, client: "192.0.2.1", userAgent: nil)])
        guard case .done(let next, _) = try await ring.rotate(.own(record.id, owner), overlap: .zero, userAgent: "")
        else {
            Issue.record("it was not rotated")
            return
        }
        #expect(try await store.records(.all(owner)).count >= 2)
        _ = try await ring.revoke(.own(next.id, owner), cause: .owner)
        try await store.noteOwners([OwnerRecord(owner, principal: alice, date: .now)])
        #expect(try await store.record(of: owner)?.principal?.userName == "alice")
        let token = SessionToken.random()
        let session = SessionRecord(owner: owner, createdAt: .now, end: .now + 100, client: nil, userAgent: "")
        _ = try await store.insert(session, digest: token.digest, owner: nil, limit: 5, provider: nil)
        #expect(try await store.session(of: token.digest)?.id == session.id)
        #expect(try await store.end(.one(session.id)).count == 1)
        _ = try await store.purge(endedBefore: .distantPast)
    }

    @Test(
        "A database of step 1 is brought up to date beside nodes of that version, who go on, and beside whoever holds its rows"
    )
    func earlier() async throws {
        let (options, name) = try await database()
        let script = try String(
            contentsOf: Slapd.repository.appending(path: "fixtures/stores/postgresql-1.sql"), encoding: .utf8)
        let loaded = try await PostgreSQL.shared().psql(script, database: name)
        try #require(loaded.status == 0, "\(loaded)")
        // Somebody of before is in the middle of a change.
        let before = try PostgreSQLConnection.open(options)
        let soon = ContinuousClock.now + .seconds(120)
        _ = try before.run("BEGIN; UPDATE api_key SET last_used = 1; UPDATE session SET last_used = 1", until: soon)
        let begun = ContinuousClock.now
        let store = try PostgreSQLStore(options)
        defer { store.close() }
        #expect(ContinuousClock.now - begun < .seconds(55), "no step waits for rows")
        let insert = """
            INSERT INTO api_key (id, owner, owner_source, owner_identity, service_account, label, scopes, created_at, expiration_date,
            creator_user_agent, family, rotated_at, successor, rotation_end, last_used, last_client, last_user_agent, revoked_at,
            revocation_cause, digest) VALUES ('5b1f0c3e-6a43-4f7e-8f0e-0d3f6a1f2b3c', 'amy', 'htpasswd', 'name:amy', NULL, 'later', '[]', 1, NULL,
            '', '5b1f0c3e-6a43-4f7e-8f0e-0d3f6a1f2b3c', NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, sha256('x'))
            """
        _ = try before.run(insert, until: soon)
        _ = try before.run("COMMIT", until: soon)
        let records = try await store.records(.named("amy"))
        #expect(records.map(\.label) == ["later", "used", "unused", "revoked"])
        #expect(records[3].revocation?.cause == .holder && records[1].scopes.map(\.text) == ["team/**:read"])
        let secret = Secret("zak_32d2814412ca447c818c3c424d79ca40")
        #expect(try await store.record(of: try #require(APIKey(secret)).digest)?.label == "used")
        #expect(try await store.sessions(.named("amy")).map(\.userAgent) == ["Firefox"])
        try await live(store)
    }

    @Test(
        "On a database of a later version, which has more tables and columns, everything works, and unknown news void all"
    )
    func later() async throws {
        let (options, name) = try await database()
        let old = try PostgreSQLStore(options)
        defer { old.close() }
        let upgraded = try await PostgreSQL.shared().psql(
            """
            ALTER TABLE api_key ADD COLUMN note text, ADD COLUMN level integer NOT NULL DEFAULT 0;
            ALTER TABLE session ADD COLUMN device text;
            ALTER TABLE key_owner ADD COLUMN picture bytea;
            CREATE TABLE something_new (id text PRIMARY KEY);
            INSERT INTO schema_step (step) VALUES (99);
            """, database: name)
        try #require(upgraded.status == 0, "\(upgraded)")
        try await live(old)
        let restarted = try PostgreSQLStore(options)
        defer { restarted.close() }
        try await live(restarted)
        let heard = Locked<[StoreChange]>([])
        restarted.listen { change in heard.withLock { $0.append(change) } }
        try await eventually("it listens") { restarted.trust.isHearing }
        heard.withLock { $0 = [] }
        _ = try await PostgreSQL.shared().psql("NOTIFY latchkey, 'y 1,2'", database: name)
        try await eventually("what it can't read is everything") { heard.withLock { $0 == [.everything] } }
    }
}
