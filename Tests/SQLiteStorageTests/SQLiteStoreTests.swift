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
            owner: alice, label: "git \"é\" 🗝", scopes: scopes, expirationDate: date, userAgent: "curl")
        try store.close()
        let again = try SQLiteStore(folder: folder.url("data"))
        let found = try #require(try await again.record(of: key.digest))
        #expect(found.id == record.id && found.owner == CredentialOwner(alice) && found.scopes == scopes)
        #expect(found.label == record.label && found.creatorUserAgent == "curl" && found.revocation == nil)
        #expect(abs(try #require(found.expirationDate).timeIntervalSince(date)) < 0.000_002)
        #expect(try await again.records(.all(CredentialOwner(alice))).count == 1)
        #expect(try await again.records(.named("bob")).isEmpty)
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
        let (owner, bob) = (CredentialOwner(alice), CredentialOwner(userName: "bob", source: .ldap))
        let namesake = CredentialOwner(userName: "alice", source: .htpasswd)
        #expect(try await ring.revoke(.own(record.id, bob), cause: .owner).isEmpty)
        #expect(try await ring.revoke(.own(record.id, namesake), cause: .owner).isEmpty)
        #expect(try await ring.revoke(.own(record.id, owner), cause: .owner).map(\.id) == [record.id])
        let first = try #require(try await store.record(of: key.digest)?.revocation)
        #expect(try await ring.revoke(.own(record.id, owner), cause: .administrator).map(\.id) == [record.id])
        #expect(try await store.record(of: key.digest)?.revocation == first, "the first end counts")
        #expect(try await ring.revoke(.own(UUID(), owner), cause: .owner).isEmpty)
        #expect(try await ring.records(.all(owner)).map { ring.state(of: $0, at: .now).0 } == [.revoked])
    }

    @Test("An administrator finds a renamed person's keys by the new name alone, also once they are gone")
    func renamed() async throws {
        let folder = try TemporaryFolder()
        let store = try SQLiteStore(folder: folder.url("data"))
        let ring = APIKeyRing(store: store)
        func person(_ name: String, _ identity: String) -> Principal {
            Principal(userName: name, source: .ldap, identity: identity)
        }
        func create(_ owner: Principal, as service: String? = nil) async throws -> UUID {
            try await ring.create(
                owner: owner, serviceAccount: service, label: "", scopes: [], expirationDate: nil, userAgent: ""
            ).0.id
        }
        func named(_ name: String) async throws -> [UUID] { try await store.records(.named(name)).map(\.id) }
        let (first, bot) = (
            try await create(person("ines", "id:1")), try await create(person("ines", "id:1"), as: "bot")
        )
        let owner = CredentialOwner(person("ines", "id:1"))
        try await store.noteOwners([OwnerRecord(owner, principal: person("agnes", "id:1"), date: .now)])
        let second = try await create(person("ines", "id:2"))
        #expect(try await named("agnes") == [first])
        #expect(try await named("ines") == [second], "somebody else has the name now")
        #expect(try await named("bot") == [bot])
        try await store.noteOwners([OwnerRecord(owner, principal: nil, date: .now)])
        #expect(try await named("agnes") == [first], "they are gone, and not forgotten")
        #expect(try await ring.revoke(.named("agnes"), cause: .administrator).map(\.id) == [first])
        #expect(try await ring.revoke(.namedOne(second, "agnes"), cause: .administrator).isEmpty)
        #expect(try await store.records(.all(CredentialOwner(person("ines", "id:2")))).first?.revocation == nil)
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
