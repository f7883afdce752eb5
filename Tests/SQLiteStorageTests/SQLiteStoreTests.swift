import Credentials
import Foundation
import TestSupport
import Testing

@testable import APIKeys
@testable import SQLiteStorage

@Suite("The SQLite store")
struct SQLiteStoreTests {
    private let alice = Principal(userName: "alice", source: .ldap)

    @Test("What was created is found again by another process's start, with every field")
    func roundTrip() async throws {
        let folder = try TemporaryFolder()
        let store = try SQLiteStore(folder: folder.url("data"))
        let scopes = ["repo1", "team/**:read"].compactMap { Scope($0) }
        let date = Date(timeIntervalSince1970: 1_800_000_000.123456)
        let (record, key) = try await APIKeyRing(store: store).create(
            owner: alice, label: "git \"é\" 🗝", scopes: scopes, expirationDate: date, userAgent: "curl", at: .now)
        try store.close()
        let again = try SQLiteStore(folder: folder.url("data"))
        let found = try #require(try await again.record(of: key.digest))
        #expect(found.id == record.id && found.owner == "alice" && found.ownerSource == .ldap && found.scopes == scopes)
        #expect(found.label == record.label && found.creatorUserAgent == "curl" && found.revokedAt == nil)
        #expect(abs(try #require(found.expirationDate).timeIntervalSince(date)) < 0.000_002)
        #expect(try await again.records(ownedBy: "alice").count == 1)
        #expect(try await again.records(ownedBy: "bob").isEmpty)
    }

    @Test("The key itself is nowhere in the folder, and nobody else may read it")
    func secrecy() async throws {
        let folder = try TemporaryFolder()
        let store = try SQLiteStore(folder: folder.url("data"))
        let (_, key) = try await APIKeyRing(store: store).create(
            owner: alice, label: "", scopes: [], expirationDate: nil, userAgent: "")
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path("data")) {
            let url = folder.url("data").appending(path: name)
            let content = try Data(contentsOf: url)
            #expect(content.range(of: Data(key.text.dropFirst(4).utf8)) == nil, "\(name)")
            let mode = try FileManager.default.attributesOfItem(atPath: url.path)[.posixPermissions] as? Int
            #expect((mode ?? 0o777) & 0o077 == 0, "\(name)")
        }
        #expect(try store.synchronousMode() == 2)
    }

    @Test("Revoking is the owner's alone, may be repeated, and leaves a tombstone")
    func revoke() async throws {
        let folder = try TemporaryFolder()
        let store = try SQLiteStore(folder: folder.url("data"))
        let ring = APIKeyRing(store: store)
        let (record, key) = try await ring.create(
            owner: alice, label: "", scopes: [], expirationDate: nil, userAgent: "")
        #expect(try await !ring.revoke(id: record.id, owner: "bob"))
        #expect(try await ring.revoke(id: record.id, owner: "alice"))
        #expect(try await ring.revoke(id: record.id, owner: "alice"))
        #expect(try await !ring.revoke(id: UUID(), owner: "alice"))
        #expect(try await store.record(of: key.digest)?.revokedAt != nil)
        #expect(try await ring.records(ownedBy: "alice").isEmpty)
    }

    @Test("A folder has one owner, and one that can't be written is an error that names it")
    func folder() throws {
        let folder = try TemporaryFolder()
        let first = try SQLiteStore(folder: folder.url("data"))
        #expect(throws: StorageError.inUse(path: folder.path("data"))) {
            try SQLiteStore(folder: folder.url("data"))
        }
        try first.close()
        try SQLiteStore(folder: folder.url("data")).close()
        try folder.write("file", "x")
        let error = #expect(throws: StorageError.self) { try SQLiteStore(folder: folder.url("file/data")) }
        #expect(error?.description.contains(folder.path("file/data")) == true)
    }

    @Test("Uses are written in one batch and never go back in time")
    func uses() async throws {
        let folder = try TemporaryFolder()
        let store = try SQLiteStore(folder: folder.url("data"))
        let ring = APIKeyRing(store: store)
        let (record, key) = try await ring.create(
            owner: alice, label: "", scopes: [], expirationDate: nil, userAgent: "")
        let later = Date(timeIntervalSinceNow: 60)
        ring.noteUse(of: try #require(try await ring.key(key.digest)), at: later)
        #expect(
            try await ring.records(ownedBy: "alice").first?.lastUsed.map { abs($0.timeIntervalSince(later)) < 0.001 }
                == true,
            "a list shows what is not written yet")
        try await ring.writeUses()
        try await store.noteUses([record.id: Date(timeIntervalSinceNow: -60)])
        let stored = try #require(try await store.record(of: key.digest))
        #expect(abs(try #require(stored.lastUsed).timeIntervalSince(later)) < 0.001)
    }
}
