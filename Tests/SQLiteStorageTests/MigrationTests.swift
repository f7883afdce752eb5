import APIKeys
import Credentials
import Foundation
import GRDB
import TestSupport
import Testing

@testable import SQLiteStorage

@Suite("Stores of earlier versions")
struct MigrationTests {
    @Test("A store of schema 1 is brought up to date, with its keys, its tombstones and its uses")
    func first() async throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(at: folder.url("data"), withIntermediateDirectories: true)
        let script = try String(
            contentsOf: Slapd.repository.appending(path: "fixtures/stores/1.sql"), encoding: .utf8)
        let old = try DatabaseQueue(path: folder.path("data/latchkey.sqlite"))
        // The dump has a transaction of its own.
        try await old.writeWithoutTransaction { try $0.execute(sql: script) }
        try old.close()
        let store = try SQLiteStore(folder: folder.url("data"))
        let records = try await store.records(ownedBy: "amy")
        #expect(records.map(\.label) == ["used", "unused"])
        #expect(records[0].lastUsed != nil && records[1].lastUsed == nil, "the time of creation was no use")
        #expect(records[0].scopes.map(\.text) == ["team/**:read"])
        let secret = Secret("zak_161e8de0682549c9859dc7ad5c410b48")
        #expect(try await store.record(of: try #require(APIKey(secret)).digest)?.label == "used")
        #expect(try await store.owner(userName: "amy", source: .htpasswd) == nil)
        try store.close()
        _ = try SQLiteStore(folder: folder.url("data"))
    }
}

@Suite("What sources have said of owners")
struct OwnerStoreTests {
    private let alice = Principal(
        userName: "alice", groups: [Group(name: "a,b", distinguishedName: "cn=a\\,b,dc=x"), Group(name: "plain")],
        source: .ldap, displayName: "Alice é", email: "alice@example.org")

    @Test("The last word on an owner outlives a restart, with groups and all; people without keys are passed over")
    func roundTrip() async throws {
        let folder = try TemporaryFolder()
        let store = try SQLiteStore(folder: folder.url("data"))
        _ = try await APIKeyRing(store: store).create(
            owner: alice, label: "", scopes: [], expirationDate: nil, userAgent: "")
        #expect(try await store.owner(userName: "alice", source: .ldap)?.principal == alice, "a creation vouches")
        let date = Date(timeIntervalSince1970: 1_800_000_000)
        let bob = Principal(userName: "bob", source: .ldap)
        try await store.noteOwners([
            .init(userName: "alice", source: .ldap, principal: nil, date: date),
            .init(userName: "bob", source: .ldap, principal: bob, date: date),
        ])
        try store.close()
        let again = try SQLiteStore(folder: folder.url("data"))
        let known = try #require(try await again.owner(userName: "alice", source: .ldap))
        #expect(known.principal == nil && known.date == date)
        #expect(try await again.owner(userName: "bob", source: .ldap) == nil)
        #expect(try await again.owner(userName: "alice", source: .htpasswd) == nil)
    }
}
