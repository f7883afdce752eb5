import APIKeys
import Credentials
import Foundation
import TestSupport
import Testing

@testable import Sessions

@Suite("Any store, told of a provider's logout")
struct ProviderLogoutStoreTests {
    private let now = Date(timeIntervalSince1970: 1_900_000_000)
    private let corp = SourceName(rawValue: "openid:corp")

    private func owner(_ name: UserName) -> CredentialOwner {
        CredentialOwner(userName: name, source: .ldap, identity: "id:\(name)")
    }

    /// Begins a session.
    /// - Returns: its id.
    private func begin(
        _ store: any AnyStore, _ name: UserName, _ identity: Identity, _ session: String?, after: TimeInterval = -100
    ) async throws -> UUID {
        let record = SessionRecord(
            owner: owner(name), createdAt: now + after, end: now + 1000, client: nil, userAgent: "")
        _ = try await store.insert(
            record, digest: SessionToken.random().digest, owner: nil, limit: 100,
            provider: ProviderSession(source: corp, identity: identity, id: session, idToken: nil))
        return record.id
    }

    private func logout(
        _ id: String?, _ identity: Identity?, _ session: String?, keys: ProviderLogout.Keys? = nil
    ) -> ProviderLogout {
        ProviderLogout(
            id: id, knownUntil: now + 300, source: corp, identity: identity, session: session,
            covers: { [now] session, _ in session.createdAt < now }, keys: keys)
    }

    @Test(
        "It ends a session that is known by its name, else those of the person whose name nobody knows, and counts once",
        arguments: Implementation.allCases)
    func sessions(_ implementation: Implementation) async throws {
        try await implementation.run { store, again in
            let a = try await begin(store, "amy", "i|1", "s1")
            let b = try await begin(store, "amy", "i|1", "s2")
            let c = try await begin(store, "amy", "i|1", nil)
            let late = try await begin(store, "amy", "i|1", nil, after: 5)
            let other = try await begin(store, "ben", "i|2", nil)
            let first = try await store.end(logout("t1", "i|1", "s1"), at: now)
            #expect(first.isFirst && first.sessions.map(\.id) == [a])
            #expect(try await store.end(logout("t2", "i|1", "unknown"), at: now).sessions.map(\.id) == [c])
            // Told again, it ends nothing, whoever has it by now, and at whatever node.
            let reopened = try again()
            let repeated = try await reopened.end(logout("t1", "i|1", nil), at: now + 200)
            #expect(!repeated.isFirst && repeated.sessions.isEmpty)
            #expect(try await reopened.end(logout("t3", nil, nil), at: now).sessions.isEmpty)
            #expect(try await reopened.end(logout("t4", "i|1", nil), at: now).sessions.map(\.id) == [b])
            #expect(try await reopened.sessions(.one(late)).count == 1, "it has begun since")
            #expect(try await reopened.sessions(.one(other)).count == 1)
            // After its time it is forgotten, with whatever comes next: nobody takes it any more.
            #expect(try await reopened.end(logout("t5", "i|9", nil), at: now + 301).isFirst)
            #expect(try await reopened.end(logout("t1", "i|9", nil), at: now + 301).isFirst)
        }
    }

    @Test(
        "Keys go with it, of those whose sessions end and of those who are named, but not what was made since; one that is not done counts again",
        arguments: Implementation.allCases)
    func keys(_ implementation: Implementation) async throws {
        try await implementation.run { store, _ in
            func make(_ name: UserName, after: TimeInterval = -50) async throws -> UUID {
                let record = APIKeyRecord(
                    id: UUID(), owner: owner(name), label: "", scopes: [], createdAt: now + after, expirationDate: nil,
                    creatorUserAgent: "")
                _ = try await store.insert(record, digest: APIKey.random().digest, owner: nil, limit: nil)
                return record.id
            }
            let (amys, bens, carols) = (try await make("amy"), try await make("ben"), try await make("carol"))
            let since = try await make("ben", after: 10)
            let session = try await begin(store, "amy", "i|1", nil)
            let keys = ProviderLogout.Keys(owners: [owner("ben")], madeBefore: now)
            let unfinished = try await store.end(logout(nil, "i|1", nil, keys: keys), at: now)
            #expect(unfinished.isFirst && unfinished.sessions.map(\.id) == [session])
            #expect(Set(unfinished.keys) == [amys, bens])
            let again = try await store.end(logout("t", "i|1", nil, keys: keys), at: now)
            #expect(again.isFirst && again.sessions.isEmpty && again.keys.isEmpty, "what is over is no news")
            for (name, id, isOver) in [
                ("amy", amys, true), ("ben", bens, true), ("ben", since, false), ("carol", carols, false),
            ] {
                let key = try await store.records(.all(owner(UserName(name)))).first { $0.id == id }
                #expect((key?.revocation?.cause == .provider) == isOver, "\(name)")
            }
        }
    }

    @Test("Of many who are told at once one does the work", arguments: Implementation.allCases)
    func atOnce(_ implementation: Implementation) async throws {
        try await implementation.run { store, _ in
            _ = try await begin(store, "amy", "i|1", "s")
            let ended = try await withThrowingTaskGroup(of: EndedByProvider.self) { group in
                for _ in 0..<8 { group.addTask { try await store.end(logout("t", "i|1", "s"), at: now) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(ended.count { $0.isFirst } == 1 && ended.flatMap(\.sessions).count == 1)
        }
    }

    @Test(
        "A person's sessions are found by who they are and by the name that they had last, a directory's in any spelling, nobody else's",
        arguments: Implementation.allCases)
    func people(_ implementation: Implementation) async throws {
        try await implementation.run { store, _ in
            func principal(_ name: UserName, _ identity: Identity, _ source: SourceName = .ldap) -> Principal {
                Principal(userName: name, source: source, identity: identity)
            }
            func begin(_ person: Principal) async throws -> UUID {
                let owner = CredentialOwner(person)
                let record = SessionRecord(owner: owner, createdAt: now, end: now + 1000, client: nil, userAgent: "")
                _ = try await store.insert(
                    record, digest: SessionToken.random().digest,
                    owner: OwnerRecord(owner, principal: person, date: now),
                    limit: 100, provider: nil)
                return record.id
            }
            func found(_ name: UserName, _ owners: Principal...) async throws -> Set<UUID> {
                let person = NamedPerson(name: name, owners: owners.map { CredentialOwner($0) })
                return Set(try await store.sessions(.person(person)).map(\.id))
            }
            let before = try await begin(principal("gina", "id:1"))
            let after = try await begin(principal("gina-new", "id:1"))
            let second = try await begin(principal("gina", "id:2"))
            let file = try await begin(principal("GINA", "name:GINA", .htpasswd))
            let (first, other) = (principal("gina-new", "id:1"), principal("gina", "id:2"))
            #expect(try await found("gina-new", first) == [before, after])
            #expect(try await found("GINA-New") == [before, after], "who has left can't be asked for")
            #expect(try await found("gina", other) == [second], "not what was of whoever had the name before")
            #expect(try await found("GINA") == [second, file], "a file tells cases apart, a directory does not")
            #expect(try await found("gina") == [second])
            #expect(try await found("whatever", first) == [before, after])
            #expect(try await found("nobody").isEmpty)
            let person = NamedPerson(name: "gina-new", owners: [CredentialOwner(first)])
            #expect(try await store.end(.personsOne(second, person)).isEmpty)
            #expect(try await store.end(.personsOne(before, person)).map(\.id) == [before])
            #expect(try await store.end(.person(person)).map(\.id) == [after])
            #expect(try await store.sessions(.one(second)).count == 1)
        }
    }

    @Test(
        "A person's keys are found so too, and a service account's by its own name alone",
        arguments: Implementation.allCases)
    func keysOfPeople(_ implementation: Implementation) async throws {
        try await implementation.run { store, _ in
            let ring = APIKeyRing(store: store)
            func make(_ name: UserName, _ identity: Identity, service: UserName? = nil) async throws -> UUID {
                try await ring.create(
                    owner: Principal(userName: name, source: .ldap, identity: identity), serviceAccount: service,
                    label: "",
                    scopes: [], expirationDate: nil, userAgent: ""
                ).0.id
            }
            let (own, bot) = (try await make("Emp1", "id:1"), try await make("Emp1", "id:1", service: "bot"))
            let other = try await make("emp2", "id:2")
            let emp = NamedPerson(
                name: "EMP1", owners: [CredentialOwner(userName: "Emp1", source: .ldap, identity: "id:1")])
            #expect(try await store.records(.person(emp)).map(\.id) == [own])
            #expect(try await store.records(.person(NamedPerson(name: "emp1"))).map(\.id) == [own])
            #expect(try await store.records(.person(NamedPerson(name: "bot"))).map(\.id) == [bot])
            #expect(try await store.records(.person(NamedPerson(name: "BOT"))).isEmpty)
            #expect(try await ring.revoke(.personsOne(other, emp), cause: .administrator).isEmpty)
            #expect(try await ring.revoke(.person(emp), cause: .administrator).map(\.id) == [own])
            #expect(try await store.records(.person(NamedPerson(name: "emp2"))).first?.revocation == nil)
        }
    }
}
