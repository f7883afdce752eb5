import Credentials
import Foundation
import TestSupport
import Testing

@testable import APIKeys

@Suite("Any store of keys")
struct KeyStoreTests {
    private let alice = Principal(
        userName: "alice", groups: [Group(name: "a,b", distinguishedName: "cn=a\\,b,dc=x"), Group(name: "plain")],
        source: .ldap, displayName: "Alice é \"q\" \\", email: "alice@example.org")

    @Test("What was created is found again after another start, with every field", arguments: Implementation.allCases)
    func roundTrip(_ implementation: Implementation) async throws {
        try await implementation.run { store, again in
            let scopes = ["repo1", "team/**:read"].compactMap { Scope($0) }
            let date = Date(timeIntervalSince1970: 1_800_000_000.123456)
            let (record, key) = try await APIKeyRing(store: store).create(
                owner: alice, serviceAccount: "bot", label: "git \"é\" 🗝 ' \\ {,}", scopes: scopes,
                expirationDate: date, userAgent: "curl")
            let again = try again()
            let found = try #require(try await again.record(of: key.digest))
            #expect(found.id == record.id && found.owner == CredentialOwner(alice) && found.scopes == scopes)
            #expect(found.label == record.label && found.creatorUserAgent == "curl" && found.revocation == nil)
            #expect(found.serviceAccount == "bot" && found.family == found.id && found.rotation == nil)
            #expect(abs(try #require(found.expirationDate).timeIntervalSince(date)) < 0.000_002)
            #expect(try await again.records(.all(CredentialOwner(alice))).count == 1)
            #expect(try await again.records(.named("bob")).isEmpty)
            #expect(try await again.record(of: CredentialOwner(alice))?.principal == alice, "a creation vouches")
            try await again.probe()
        }
    }

    @Test(
        "A service account is found in whatever case, also beyond ASCII, and no other is",
        arguments: Implementation.allCases)
    func serviceAccounts(_ implementation: Implementation) async throws {
        try await implementation.run { store, _ in
            let ring = APIKeyRing(store: store)
            for name in ["b\u{F6}t", "bot", "job"] as [UserName] {
                _ = try await ring.create(
                    owner: alice, serviceAccount: name, label: "", scopes: [], expirationDate: nil, userAgent: "")
            }
            for name in ["b\u{F6}t", "B\u{D6}T", "B\u{F6}T"] as [UserName] {
                let found = try await store.records(.serviceAccount(name)).map(\.serviceAccount)
                #expect(found == ["b\u{F6}t"], "\(name)")
                #expect(await ServiceAccountNames(store: store).holds(name) == true)
            }
            #expect(try await store.records(.serviceAccount("BOT")).map(\.serviceAccount) == ["bot"])
            #expect(await ServiceAccountNames(store: store).holds("b\u{F5}t") == false)
        }
    }

    @Test("Revoking is the owner's alone, may be repeated, and leaves a tombstone", arguments: Implementation.allCases)
    func revoke(_ implementation: Implementation) async throws {
        try await implementation.run { store, _ in
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
            #expect(try await ring.revoke(.digest(key.digest), cause: .holder).count == 1)
            #expect(try await ring.records(.all(owner)).map { ring.state(of: $0, at: .now).0 } == [.revoked])
        }
    }

    @Test(
        "A key has one successor, whoever asks at the same time; a second time ends the family",
        arguments: Implementation.allCases)
    func rotate(_ implementation: Implementation) async throws {
        try await implementation.run { store, _ in
            let ring = APIKeyRing(store: store)
            let (record, _) = try await ring.create(
                owner: alice, label: "x", scopes: [Scope(stored: "a")], expirationDate: nil, userAgent: "")
            let won = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<8 {
                    group.addTask { [alice] in
                        let key = APIKey.random()
                        let successor = APIKeyRecord(
                            id: UUID(), owner: CredentialOwner(alice), label: "x", scopes: [], createdAt: .now,
                            expirationDate: nil, creatorUserAgent: "", family: record.family)
                        let rotation = KeyRotation(date: .now, successor: successor.id, end: .now + 60)
                        return (try? await store.rotate(record.id, rotation, into: successor, digest: key.digest))
                            ?? false
                    }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(won == 1)
            #expect(try await store.records(.family(record.family)).count == 2)
            guard
                case .reused(let family) = try await ring.rotate(.family(record.family), overlap: .zero, userAgent: "")
            else {
                Issue.record("a key that was rotated is rotated again")
                return
            }
            #expect(family.count == 2 && family.allSatisfy { $0.revocation?.cause == .reuse })
        }
    }

    @Test("The limit of keys holds against many at once", arguments: Implementation.allCases)
    func limit(_ implementation: Implementation) async throws {
        try await implementation.run { store, _ in
            let made = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<20 {
                    group.addTask { [alice] in
                        let record = APIKeyRecord(
                            id: UUID(), owner: CredentialOwner(alice), label: "", scopes: [], createdAt: .now,
                            expirationDate: nil, creatorUserAgent: "")
                        return
                            (try? await store.insert(
                                record, digest: APIKey.random().digest, owner: nil, limit: 3)) ?? false
                    }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(made == 3)
        }
    }

    @Test(
        "An administrator finds a renamed person's keys by the new name alone, also once they are gone",
        arguments: Implementation.allCases)
    func renamed(_ implementation: Implementation) async throws {
        try await implementation.run { store, _ in
            let ring = APIKeyRing(store: store)
            func person(_ name: UserName, _ identity: Identity) -> Principal {
                Principal(userName: name, source: .ldap, identity: identity)
            }
            func create(_ owner: Principal, as service: UserName? = nil) async throws -> UUID {
                try await ring.create(
                    owner: owner, serviceAccount: service, label: "", scopes: [], expirationDate: nil, userAgent: ""
                ).0.id
            }
            func named(_ name: UserName) async throws -> [UUID] { try await store.records(.named(name)).map(\.id) }
            let first = try await create(person("ines", "id:1"))
            let bot = try await create(person("ines", "id:1"), as: "bot")
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
            // A key that was bound to a name is bound to the identity that the source has told since.
            let byName = Principal(userName: "zoe", source: .ldap)
            let old = try await create(byName)
            try await store.noteOwners([
                OwnerRecord(CredentialOwner(byName), principal: person("zoe", "id:3"), date: .now)
            ])
            #expect(try await store.records(.all(CredentialOwner(person("zoe", "id:3")))).map(\.id) == [old])
            #expect(
                try await store.records(.all(CredentialOwner(person("zoe", "id:3")))).first?.owner.identity == "id:3")
        }
    }

    @Test("Uses are written in one batch and never go back in time", arguments: Implementation.allCases)
    func uses(_ implementation: Implementation) async throws {
        try await implementation.run { store, _ in
            let ring = APIKeyRing(store: store)
            let (record, key) = try await ring.create(
                owner: alice, label: "", scopes: [], expirationDate: nil, userAgent: "")
            let (other, _) = try await ring.create(
                owner: alice, label: "", scopes: [], expirationDate: nil, userAgent: "")
            let later = Date(timeIntervalSinceNow: 60)
            try await store.noteUses([
                record.id: KeyUse(date: later, client: "192.0.2.7", userAgent: "sko\"peo\\/1 {,}"),
                other.id: KeyUse(date: later), UUID(): KeyUse(date: later),
            ])
            try await store.noteUses([record.id: KeyUse(date: Date(timeIntervalSinceNow: -60), client: "::1")])
            let use = try #require(try await store.record(of: key.digest)?.lastUse)
            #expect(abs(use.date.timeIntervalSince(later)) < 0.001 && use.client == "192.0.2.7")
            #expect(use.userAgent == "sko\"peo\\/1 {,}")
            try await store.noteUses([record.id: KeyUse(date: later + 5)])
            let last = try #require(try await store.record(of: key.digest)?.lastUse)
            #expect(abs(last.date.timeIntervalSince(later) - 5) < 0.001 && last.client == "192.0.2.7")
            try await store.noteUses([:])
        }
    }

    @Test("What ended long ago is deleted, and nothing else", arguments: Implementation.allCases)
    func purge(_ implementation: Implementation) async throws {
        try await implementation.run { store, _ in
            let now = Date(timeIntervalSince1970: 1_900_000_000)
            func add(_ end: TimeInterval?) async throws -> APIKeyRecord {
                let record = APIKeyRecord(
                    id: UUID(), owner: CredentialOwner(alice), label: "", scopes: [], createdAt: now - 1000,
                    expirationDate: end.map { now + $0 }, creatorUserAgent: "")
                _ = try await store.insert(record, digest: APIKey.random().digest, owner: nil, limit: nil)
                return record
            }
            _ = try await add(-100)
            let kept = [try await add(nil), try await add(100)]
            let revoked = try await add(nil)
            _ = try await store.revoke(
                .own(revoked.id, CredentialOwner(alice)), KeyRevocation(date: now - 50, cause: .owner))
            #expect(try await store.purge(endedBefore: now) == 2)
            #expect(Set(try await store.records(.all(CredentialOwner(alice))).map(\.id)) == Set(kept.map(\.id)))
            #expect(try await store.purge(endedBefore: now) == 0)
        }
    }

    @Test("The last word on an owner is kept; people without keys are passed over", arguments: Implementation.allCases)
    func owners(_ implementation: Implementation) async throws {
        try await implementation.run { store, again in
            _ = try await APIKeyRing(store: store).create(
                owner: alice, label: "", scopes: [], expirationDate: nil, userAgent: "")
            let date = Date(timeIntervalSince1970: 1_990_000_000)
            let bob = Principal(userName: "bob", source: .ldap)
            try await store.noteOwners([
                OwnerRecord(CredentialOwner(alice), principal: nil, date: date),
                OwnerRecord(CredentialOwner(bob), principal: bob, date: date),
            ])
            let again = try again()
            let known = try #require(try await again.record(of: CredentialOwner(alice)))
            #expect(known.principal == nil && known.date == date)
            #expect(try await again.record(of: CredentialOwner(bob)) == nil)
            #expect(try await again.record(of: CredentialOwner(userName: "alice", source: .htpasswd)) == nil)
        }
    }
}
