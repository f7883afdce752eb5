import APIKeys
import Credentials
import Foundation
import GRDB
import Sessions
import TestSupport
import Testing

@testable import SQLiteStorage

@Suite("Stores of earlier versions")
struct MigrationTests {
    /// A store as an earlier version left it, brought up to date.
    private func migrated(_ schema: Int, _ folder: TemporaryFolder) async throws -> SQLiteStore {
        try FileManager.default.createDirectory(at: folder.url("data"), withIntermediateDirectories: true)
        let script = try String(
            contentsOf: Slapd.repository.appending(path: "fixtures/stores/\(schema).sql"), encoding: .utf8)
        let old = try DatabaseQueue(path: folder.path("data/latchkey.sqlite"))
        // The dump has a transaction of its own.
        try await old.writeWithoutTransaction { try $0.execute(sql: script) }
        try old.close()
        return try SQLiteStore(folder: folder.url("data"))
    }

    @Test(
        "A store of an earlier schema is brought up to date, with its keys, its tombstones and its uses",
        arguments: [1, 2, 3, 4, 5, 6])
    func keys(schema: Int) async throws {
        let folder = try TemporaryFolder()
        let store = try await migrated(schema, folder)
        let records = try await store.records(.named("amy"))
        #expect(records.map(\.label) == ["used", "unused", "revoked"])
        #expect(records[0].lastUse != nil && records[1].lastUse == nil, "the time of creation was no use")
        #expect(records[0].scopes.map(\.text) == ["team/**:read"])
        #expect(records[2].revocation?.cause == .owner && records[1].revocation == nil)
        #expect(records.allSatisfy { $0.family == $0.id && $0.rotation == nil && $0.serviceAccount == nil })
        #expect(records.allSatisfy { $0.owner == CredentialOwner(userName: "amy", source: .htpasswd) })
        let secret = Secret("zak_161e8de0682549c9859dc7ad5c410b48")
        #expect(try await store.record(of: try #require(APIKey(secret)).digest)?.label == "used")
        // A login is a word of the source's.
        #expect(try await store.record(of: CredentialOwner(userName: "amy", source: .htpasswd)) == nil || schema >= 4)
        let sessions = try await store.sessions(.named("amy"))
        #expect(sessions.count == (schema < 4 ? 0 : 1) && sessions.allSatisfy { $0.userAgent == "Firefox" })
        if schema >= 5 {
            #expect(try await store.identityRecord(named: "zoe")?.identity == "https://sso.example.org|4711")
        }
        if schema >= 6 {
            let ended = try await store.end(
                .provider(SourceName(rawValue: "oidc/corp"), identity: nil, session: "s1"))
            #expect(ended.count == 1)
        }
        #expect(try await store.checkpointPage(after: nil).isEmpty)
        try store.close()
        _ = try SQLiteStore(folder: folder.url("data"))
    }

    @Test(
        "Keys that were bound to a name are bound to the identity that the source tells, and owners are not forgotten",
        arguments: [2, 3, 4, 5, 6])
    func identities(schema: Int) async throws {
        let folder = try TemporaryFolder()
        let store = try await migrated(schema, folder)
        let byName = CredentialOwner(userName: "alice", source: .ldap)
        let known = try #require(try await store.record(of: byName)?.principal)
        #expect(
            known.groups == [Group(name: "admins", distinguishedName: "cn=admins,dc=x")]
                && known.email == "alice@example.org")
        #expect(
            try await store.records(.all(byName)).first?.scopes == [Scope(stored: "a[")],
            "it is not a key without scopes now")
        let today = Principal(userName: "alice", source: .ldap, identity: "entryUUID:1")
        #expect(try await store.records(.all(CredentialOwner(today))).count == 1)
        try await store.noteOwners([OwnerRecord(byName, principal: today, date: .now)])
        #expect(try await store.records(.all(CredentialOwner(today))).first?.owner.identity == "entryUUID:1")
        let stranger = Principal(userName: "alice", source: .ldap, identity: "entryUUID:2")
        #expect(try await store.records(.all(CredentialOwner(stranger))).isEmpty, "a recycled name inherits nothing")
        #expect(try await store.record(of: CredentialOwner(today))?.principal?.userName == "alice")
    }
}
