import Credentials
import Foundation
import TestSupport
import Testing

@testable import APIKeys
@testable import SQLiteStorage

@Suite("The SQLite store")
struct SQLiteStoreTests {
    private let alice = Principal(userName: "alice", source: .ldap)

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
            try await ring.records(.all(CredentialOwner(alice))).first?.lastUse.map {
                abs($0.date.timeIntervalSince(later)) < 0.001
            }
                == true,
            "a list shows what is not written yet")
        ring.noteOrigin(of: record.id, client: IPAddress("192.0.2.7"), userAgent: "skopeo/1")
        try await ring.writeUses()
        try await store.noteUses([record.id: KeyUse(date: Date(timeIntervalSinceNow: -60), client: "::1")])
        let stored = try #require(try await store.record(of: key.digest))
        let use = try #require(stored.lastUse)
        #expect(
            abs(use.date.timeIntervalSince(later)) < 0.001 && use.client == "192.0.2.7" && use.userAgent == "skopeo/1")
        ring.noteUse(of: try #require(try await ring.key(key.digest)), at: later.addingTimeInterval(5))
        try await ring.writeUses()
        #expect(try await store.record(of: key.digest)?.lastUse == use, "at most once a minute for each key")
        try await ring.writeUses(isLast: true)
        let last = try #require(try await store.record(of: key.digest)?.lastUse)
        #expect(abs(last.date.timeIntervalSince(later) - 5) < 0.001 && last.client == "192.0.2.7")
    }
}
