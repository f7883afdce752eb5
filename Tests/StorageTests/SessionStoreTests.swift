import Credentials
import Foundation
import TestSupport
import Testing

@testable import Sessions

@Suite("Any store of sessions and of people of providers")
struct SessionStoreTests {
    private let now = Date(timeIntervalSince1970: 1_900_000_000)
    private let corp = SourceName(rawValue: "openid:corp")

    private func session(_ user: String = "alice", used: TimeInterval = 0, ends: TimeInterval = 1000) -> SessionRecord {
        SessionRecord(
            owner: CredentialOwner(userName: UserName(user), source: .ldap, identity: "id:\(user)"),
            createdAt: now - 10,
            authenticatedAt: now - 20, end: now + ends, lastUsed: now + used, client: "192.0.2.7",
            userAgent: "a \"browser\" é", passwordState: "abc")
    }

    @Test(
        "A session is found with every field, listed and ended; a provider's ends by person, by session, by both",
        arguments: Implementation.allCases)
    func life(_ implementation: Implementation) async throws {
        try await implementation.run { store, again in
            let (first, second, other) = (session(), session(), session("bob"))
            let (one, two, three) = (SessionToken.random(), SessionToken.random(), SessionToken.random())
            let provider = ProviderSession(source: corp, identity: "i|1", id: "s", idToken: Secret("token"))
            _ = try await store.insert(first, digest: one.digest, owner: nil, limit: 10, provider: provider)
            _ = try await store.insert(second, digest: two.digest, owner: nil, limit: 10, provider: nil)
            _ = try await store.insert(other, digest: three.digest, owner: nil, limit: 10, provider: provider)
            let again = try again()
            #expect(try await again.session(of: one.digest) == first)
            #expect(try await again.session(of: SessionToken.random().digest) == nil)
            #expect(
                try await again.providerSession(of: one.digest)?.idToken?.isEqualInConstantTime(to: "token".utf8)
                    == true)
            #expect(try await again.providerSession(of: two.digest) == nil)
            #expect(Set(try await again.sessions(.all(first.owner)).map(\.id)) == [first.id, second.id])
            #expect(try await again.sessions(.named("bob")).map(\.id) == [other.id])
            #expect(try await again.end(.own(first.id, other.owner)).isEmpty)
            #expect(try await again.end(.provider(corp, identity: nil, session: nil)).isEmpty)
            #expect(try await again.end(.provider(corp, identity: "i|2", session: "s")).isEmpty)
            #expect(
                Set(try await again.end(.provider(corp, identity: nil, session: "s")).map(\.id)) == [
                    first.id, other.id,
                ])
            #expect(try await again.end(.digest(two.digest)) == [second])
            #expect(try await again.sessions(.all(first.owner)).isEmpty)
        }
    }

    @Test(
        "One more than the limit ends the one used longest ago; uses never go back; what is over is deleted",
        arguments: Implementation.allCases)
    func bounds(_ implementation: Implementation) async throws {
        try await implementation.run { store, _ in
            let all = [session(used: 1), session(used: 2), session(used: 3), session(used: 4)]
            var ended: [UUID] = []
            for session in all {
                ended += try await store.insert(
                    session, digest: SessionToken.random().digest, owner: nil, limit: 3, provider: nil)
            }
            #expect(ended == [all[0].id])
            try await store.noteSessionUses([all[1].id: now + 50, UUID(): now])
            try await store.noteSessionUses([all[1].id: now + 20])
            #expect(try await store.sessions(.one(all[1].id)).first?.lastUsed == now + 50)
            let over = session("carol", ends: -1)
            _ = try await store.insert(
                over, digest: SessionToken.random().digest, owner: nil, limit: 3, provider: nil)
            #expect(try await store.purgeSessions(endedBefore: now, unusedSince: now + 3) == 2)
            #expect(Set(try await store.sessions(.named("alice")).map(\.id)) == [all[1].id, all[3].id])
        }
    }

    @Test(
        "A name belongs to the first who has it, until they are gone, also where many come at once",
        arguments: Implementation.allCases)
    func names(_ implementation: Implementation) async throws {
        try await implementation.run { store, again in
            func record(_ identity: Identity, _ name: UserName, groups: StatedGroups = [], after: TimeInterval = 0)
                -> IdentityRecord
            {
                IdentityRecord(
                    source: corp, identity: identity, userName: name, groups: groups, displayName: "É", email: nil,
                    lastLogin: now + after)
            }
            func enter(_ record: IdentityRecord) async throws -> Bool {
                try await store.noteLogin(record) { $0.lastLogin >= record.lastLogin - 1000 }
            }
            #expect(try await enter(record("iss|1", "alice", groups: ["a", "b\""])))
            #expect(try await !enter(record("iss|2", "alice", after: 999)))
            #expect(try await enter(record("iss|1", "alice", groups: ["c"], after: 10)))
            #expect(
                try await store.identityRecord("iss|1", of: corp) == record("iss|1", "alice", groups: ["c"], after: 10))
            #expect(try await enter(record("iss|1", "alicia", after: 20)), "somebody may be called otherwise")
            #expect(try await enter(record("iss|2", "alice", after: 30)), "and the name is free")
            #expect(try await enter(record("iss|3", "alice", after: 1031)), "who is gone has no claim to it")
            #expect(try await store.identityRecord("iss|2", of: corp) == nil)
            let won = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        (try? await store.noteLogin(record("new|\(number)", "contested")) { _ in true }) ?? false
                    }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(won == 1)
            let reopened = try again()
            #expect(try await reopened.identityRecord(named: "alice")?.identity == "iss|3")
        }
    }

    @Test(
        "What only Unicode takes for one name is two, and what another provider has stated stays its own",
        arguments: Implementation.allCases)
    func exactNames(_ implementation: Implementation) async throws {
        try await implementation.run { store, again in
            func record(_ identity: Identity, _ name: UserName, _ groups: StatedGroups = []) -> IdentityRecord {
                IdentityRecord(
                    source: corp, identity: identity, userName: name, groups: groups, displayName: nil, email: nil,
                    lastLogin: now)
            }
            let other = StatedGroups(["ops", "\u{212A}8s"], isNameLinked: true)
            #expect(try await store.noteLogin(record("iss|K", "Karl", other)) { _ in true })
            #expect(try await store.noteLogin(record("iss|\u{212A}", "\u{212A}arl")) { _ in true })
            let reopened = try again()
            #expect(try await reopened.identityRecord(named: "Karl")?.identity == "iss|K")
            #expect(try await reopened.identityRecord(named: "\u{212A}arl")?.identity == "iss|\u{212A}")
            #expect(try await reopened.identityRecord("iss|K", of: corp)?.groups == other)
            let person = try #require(try await reopened.identityRecord("iss|K", of: corp))
            let groups = person.principal(GroupNaming(of: "corp")).groups
            #expect(groups.map(\.qualifiedName) == ["corp:ops", "corp:\u{212A}8s"])
            #expect(person.principal(nil).groups.isEmpty, "nobody is configured who has stated them")
            // Another case is the same to many an application.
            #expect(try await !reopened.noteLogin(record("iss|9", "KARL")) { _ in true })
            #expect(try await reopened.noteLogin(record("iss|9", "KARL")) { $0.userName != "Karl" })
            #expect(try await reopened.identityRecords(alike: "karl").map(\.userName).sorted() == ["KARL", "Karl"])
            #expect(try await reopened.identityRecords(alike: "nobody").isEmpty)
            // The name of a claim ends when an operator says that it is somebody else; that of a link, when the link does.
            func people(_ link: UserName?) -> ProviderPeople {
                ProviderPeople(
                    corp, issuers: ["iss"], store: reopened, lifetime: .seconds(1000), linkedName: { _ in link },
                    clock: { [now] in now })
            }
            #expect(people("Karl").vouches(for: person) && !people(nil).vouches(for: person))
            #expect(!people("bob").vouches(for: person))
            #expect(
                people(nil).vouches(for: record("iss|5", "eve")) && !people("bob").vouches(for: record("iss|5", "eve")))
        }
    }

    @Test(
        "Names that differ in case alone are one name, also beyond ASCII, whoever comes at the same time",
        arguments: Implementation.allCases)
    func spellings(_ implementation: Implementation) async throws {
        try await implementation.run { store, _ async throws in
            func enter(_ name: UserName, _ identity: Identity) async throws -> Bool {
                try await store.noteLogin(
                    IdentityRecord(
                        source: corp, identity: identity, userName: name, groups: [], displayName: nil, email: nil,
                        lastLogin: now)
                ) { _ in true }
            }
            let names: [(UserName, [UserName], UserName)] = [
                ("zo\u{EB}", ["ZO\u{CB}", "Zo\u{EB}", "zO\u{CB}"], "zo\u{EA}"),
                ("иван@example.org", ["ИВАН@EXAMPLE.ORG", "Иван@example.org"], "ивам@example.org"),
                ("\u{130}nes", ["i\u{307}nes", "i\u{307}NES"], "ines"), ("straße", ["STRAẞE"], "strasse"),
                ("100%_\u{E9}", ["100%_\u{C9}"], "1000_\u{E9}"),
            ]
            for (place, (first, others, another)) in names.enumerated() {
                #expect(try await enter(first, Identity("iss|\(place)")))
                for other in others {
                    #expect(try await !enter(other, "iss|other"), "\(other)")
                    #expect(try await store.identityRecords(alike: other).map(\.userName) == [first], "\(other)")
                }
                #expect(try await enter(another, Identity("iss|another \(place)")), "\(another) is another name")
                #expect(try await enter(first, Identity("iss|\(place)")), "it is theirs")
            }
            // A version of before has let in both: each keeps the name, until they are gone.
            func enterBeside(_ identity: Identity, isHeld: Bool) async throws -> Bool {
                try await store.noteLogin(
                    IdentityRecord(
                        source: corp, identity: identity, userName: identity == "b|1" ? "bär" : "BÄR", groups: [],
                        displayName: nil, email: nil, lastLogin: now)
                ) { _ in isHeld }
            }
            #expect(try await enterBeside("b|1", isHeld: false))
            #expect(try await enterBeside("b|2", isHeld: false))
            #expect(try await enterBeside("b|1", isHeld: true))
            #expect(try await enterBeside("b|2", isHeld: true))
            #expect(try await store.identityRecords(alike: "Bär").map(\.userName).sorted() == ["BÄR", "bär"])
            #expect(try await !enter("Bär", "b|3"))
            let won = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<8 {
                    let name: UserName = number.isMultiple(of: 2) ? "кто" : "КТО"
                    group.addTask { (try? await enter(name, Identity("new|\(number)"))) ?? false }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(won == 1)
        }
    }

    @Test(
        "Who claims a name of a certificate or a token has it alone, and renews it once a day",
        arguments: Implementation.allCases)
    func claims(_ implementation: Implementation) async throws {
        try await implementation.run { store, _ async throws in
            let clock = Locked(now)
            let people = [SourceName.certificate, .bearer].map {
                ProviderPeople(
                    $0, issuers: nil, store: store, lifetime: .seconds(86_400 * 90), clock: { clock.withLock { $0 } })
            }
            let book = NameBook(store: store, people: people)
            let certificates = ClaimedNames(.certificate, book: book, lifetime: .seconds(86_400 * 90)) {
                clock.withLock { $0 }
            }
            let tokens = ClaimedNames(.bearer, book: book, lifetime: .seconds(86_400 * 90)) { clock.withLock { $0 } }
            #expect(!certificates.isKnown("bot"))
            #expect(try await certificates.claim("bot"))
            #expect(certificates.isKnown("bot") && !certificates.isKnown("b\u{212A}t"))
            #expect(try await !tokens.claim("bot", of: "https://i"))
            #expect(try await tokens.claim("job", of: "https://i"))
            #expect(try await tokens.claim("job", of: "https://i"))
            #expect(try await !tokens.claim("job", of: "https://j"), "two who give the same name are two")
            #expect(try await !certificates.claim("job"))
            clock.withLock { $0 += 86_401 }
            #expect(!certificates.isKnown("bot"))
            #expect(try await certificates.claim("bot"))
            clock.withLock { $0 += 86_400 * 91 }
            #expect(try await tokens.claim("bot", of: "https://j"), "who has not come for so long has no claim")
        }
    }

    @Test(
        "A login comes back once, whoever asks at the same time, until it is over", arguments: Implementation.allCases)
    func endedLogins(implementation: Implementation) async throws {
        try await implementation.run { store, again in
            let now = Date(timeIntervalSince1970: 1_800_000_000)
            let firsts = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<8 {
                    group.addTask { try await store.endLogin("one", until: now + 600, at: now) }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(firsts == 1)
            #expect(try await store.endLogin("other", until: now + 600, at: now))
            let reopened = try again()
            #expect(try await !reopened.endLogin("one", until: now + 600, at: now + 599))
            #expect(try await reopened.endLogin("third", until: now + 1300, at: now + 700))
            #expect(try await reopened.endLogin("one", until: now + 1300, at: now + 700), "it is forgotten")
        }
    }
}
