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
            let records = try await ring.records(.all(owner))
            #expect(try await ring.judge(records, at: .now).map(\.state) == [.revoked])
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
                        let outcome = try? await store.rotate(
                            record.id, rotation, into: successor, digest: key.digest, limit: nil)
                        return outcome == .done
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

    @Test("Both keys of a rotation count for as long as both work", arguments: Implementation.allCases)
    func limitOfRotations(_ implementation: Implementation) async throws {
        try await implementation.run { store, _ in
            var options = APIKeyRing.Options()
            options.policy.maxPerUser = 3
            let ring = APIKeyRing(store: store, options: options)
            func create() async throws -> APIKeyRecord {
                try await ring.create(owner: alice, label: "", scopes: [], expirationDate: nil, userAgent: "").0
            }
            func rotate(_ key: APIKeyRecord, _ overlap: Duration) async throws -> APIKeyRing.Rotation {
                try await ring.rotate(.own(key.id, key.owner), overlap: overlap, userAgent: "")
            }
            let keys = [try await create(), try await create(), try await create()]
            guard case .forbidden(.maxPerUser) = try await rotate(keys[0], .seconds(60)) else {
                throw NeverHappened(description: "a fourth key works")
            }
            guard case .done(let next, _) = try await rotate(keys[0], .zero) else {
                throw NeverHappened(description: "without an overlap there are no more than before")
            }
            _ = try await ring.revoke(.own(keys[1].id, keys[1].owner), cause: .owner)
            // There is room for one, whoever asks first.
            let done = try await withThrowingTaskGroup(of: Bool.self) { group in
                for key in [next, keys[2]] {
                    group.addTask { if case .done = try await rotate(key, .seconds(60)) { true } else { false } }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(done == 1)
            let listed = try await ring.judge(try await ring.records(.all(CredentialOwner(alice))), at: ring.now)
            #expect(listed.count { $0.state == .active } == 3)
        }
    }

    @Test("A service account has its own keys, by exactly its name", arguments: Implementation.allCases)
    func accounts(_ implementation: Implementation) async throws {
        try await implementation.run { store, _ in
            let ring = APIKeyRing(store: store)
            func create(_ account: UserName?) async throws -> UUID {
                try await ring.create(
                    owner: alice, serviceAccount: account, label: "", scopes: [], expirationDate: nil, userAgent: ""
                ).0.id
            }
            let (bot, other, own) = (try await create("bot"), try await create("Bot"), try await create(nil))
            #expect(try await store.records(.account("bot")).map(\.id) == [bot])
            #expect(try await store.records(.accountsOne(bot, "bot")).map(\.id) == [bot])
            for id in [other, own] { #expect(try await store.records(.accountsOne(id, "bot")).isEmpty) }
            let principal = Principal(userName: "bot", source: .service, method: .apiKey(id: bot, scopes: []))
            #expect(try await ring.maker(principal)?.id == bot)
            #expect(try await ring.maker(alice) == nil)
        }
    }

    @Test(
        "What has ended as its owner was gone can be restored, and nothing else", arguments: Implementation.allCases)
    func restore(_ implementation: Implementation) async throws {
        try await implementation.run { store, again in
            let ring = APIKeyRing(store: store)
            let amy = Principal(userName: "amy", source: .htpasswd)
            func create(_ owner: Principal) async throws -> (APIKeyRecord, APIKey) {
                try await ring.create(owner: owner, label: "", scopes: [], expirationDate: nil, userAgent: "")
            }
            let ((first, _), (second, key), (third, _)) = (
                try await create(amy), try await create(amy), try await create(alice)
            )
            #expect(try await store.namedOwners(of: .htpasswd) == ["amy"])
            _ = try await ring.revoke(.own(first.id, first.owner), cause: .owner)
            func ended(_ source: SourceName, _ who: UserName) async throws -> [UserName: [UUID]] {
                let told = Locked<[UserName: [UUID]]>([:])
                try await ring.endDeparted(from: source) {
                    $0 == who
                } noting: { name, keys in
                    told.withLock { $0[name] = keys.map(\.id) }
                }
                return told.withLock { $0 }
            }
            #expect(try await ended(.htpasswd, "alice").isEmpty)
            #expect(try await ended(.ldap, "amy").isEmpty)
            #expect(try await ended(.htpasswd, "amy") == ["amy": [second.id]])
            #expect(try await ended(.htpasswd, "amy").isEmpty)
            func restored(_ who: UserName?, _ there: UserName...) async throws -> [UUID] {
                try await ring.restore(who, to: .htpasswd) { there.contains($0) }.map(\.id)
            }
            #expect(try await restored("alice", "alice", "amy").isEmpty)
            #expect(try await restored("amy").isEmpty, "nobody of the name is there")
            #expect(try await restored("amy", "amy") == [second.id])
            #expect(try await restored("amy", "amy").isEmpty)
            // What ended before may be of whoever had the name before; what somebody has ended stays so.
            _ = try await ended(.htpasswd, "amy")
            let (fourth, _) = try await create(amy)
            let (fifth, _) = try await create(amy)
            _ = try await ended(.htpasswd, "amy")
            #expect(try await ring.revoke(.own(fifth.id, fifth.owner), cause: .administrator).count == 1)
            #expect(try await restored(nil, "amy") == [fourth.id])
            #expect(try await store.records(.own(second.id, second.owner)).first?.revocation?.cause == .departure)
            #expect(try await store.records(.own(fifth.id, fifth.owner)).first?.revocation?.cause == .administrator)
            _ = try await ring.revoke(.all(CredentialOwner(amy)), cause: .owner)
            #expect(try await restored(nil, "amy").isEmpty)
            let again = try again()
            #expect(try await again.record(of: key.digest)?.revocation?.cause == .owner)
            #expect(try await again.records(.own(first.id, first.owner)).first?.revocation?.cause == .owner)
            #expect(try await again.records(.own(third.id, third.owner)).first?.revocation == nil)
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
