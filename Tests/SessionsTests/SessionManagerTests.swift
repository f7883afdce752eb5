import APIKeys
import Credentials
import Foundation
import SQLiteStorage
import TestSupport
import Testing

@testable import Sessions

/// People, one of whom a test changes.
private final class People: UserDirectory {
    let name: SourceName
    let answer: Locked<UserLookup>
    let password = Locked<[UInt8]?>([1])

    init(_ principal: Principal) {
        name = principal.source
        answer = Locked(.found(principal))
    }

    func lookUp(userName: UserName) async -> UserLookup { answer.withLock { $0 } }
    func lookUp(identity: Identity) async -> UserLookup { answer.withLock { $0 } }
    func passwordState(of userName: UserName) -> [UInt8]? { password.withLock { $0 } }
}

@Suite("Sessions")
struct SessionManagerTests {
    private let alice = Principal(
        userName: "alice", groups: [Group(name: "then")], source: .ldap, identity: "entryUUID:1")
    private let folder: TemporaryFolder
    private let store: SQLiteStore
    private let people: People
    private let clock = Locked(Date(timeIntervalSince1970: 1_900_000_000))
    private let sessions: SessionManager

    init() throws {
        folder = try TemporaryFolder()
        store = try SQLiteStore(folder: folder.url("data"))
        people = People(alice)
        sessions = Self.sessions(store, people, clock)
    }

    /// - Parameter owners: asked at each use.
    private static func sessions(
        _ store: SQLiteStore, _ people: People, _ clock: Locked<Date>, maximum: Int = 100
    ) -> SessionManager {
        var options = SessionManager.Options()
        options.clock = { clock.withLock { $0 } }
        options.maximumPerOwner = maximum
        return SessionManager(
            store: store, owners: OwnerCheck(directories: [people], store: store, interval: .zero, grace: .zero),
            options: options)
    }

    private func pass(_ seconds: TimeInterval) { clock.withLock { $0 += seconds } }

    private func begin(replacing old: SessionToken? = nil) async throws -> (session: SessionRecord, token: SessionToken)
    {
        try await sessions.begin(
            for: alice, client: IPAddress("192.0.2.7"), userAgent: "browser", replacing: old)
    }

    private func says(_ token: SessionToken, _ sessions: SessionManager? = nil) async -> String {
        switch await (sessions ?? self.sessions).judge(token) {
        case .authenticated(let principal): principal.userName.text
        case .rejected(let reason, _): reason.rawValue
        case .unknownUser: "unknown"
        case .unavailable(let failure): "unavailable: \(failure.code.rawValue)"
        }
    }

    @Test("What a provider ends is what began there: by the person, by its session, by both, and never everything")
    func providers() async throws {
        let corp = SourceName(rawValue: "openid:corp")
        func begin(_ identity: Identity, _ session: String?, _ source: SourceName) async throws -> SessionToken {
            try await sessions.begin(
                for: alice, client: nil, userAgent: "",
                provider: ProviderSession(
                    source: source, identity: identity, id: session, idToken: Secret("id token"))
            ).token
        }
        let first = try await begin("i|1", "a", corp)
        let second = try await begin("i|1", "b", corp)
        let other = try await begin("i|2", "a", corp)
        let elsewhere = try await begin("i|1", "a", SourceName(rawValue: "openid:other"))
        let password = try await self.begin().token
        #expect(try await sessions.providerSession(first)?.id == "a")
        #expect(try await sessions.providerSession(first)?.idToken?.isEqualInConstantTime(to: "id token".utf8) == true)
        #expect(try await sessions.providerSession(password) == nil)
        #expect(try await sessions.end(.provider(corp, identity: nil, session: nil)).isEmpty)
        #expect(try await sessions.end(.provider(corp, identity: "i|1", session: "a")).count == 1)
        #expect(await says(first) == "unknown-session")
        #expect(await says(second) == "alice")
        #expect(await says(elsewhere) == "alice", "of another provider")
        #expect(try await sessions.end(.provider(corp, identity: nil, session: "a")).count == 1)
        #expect(await says(other) == "unknown-session")
        #expect(try await sessions.end(.provider(corp, identity: "i|1", session: nil)).count == 1)
        #expect(await says(second) == "unknown-session")
        #expect(await says(password) == "alice")
        #expect(try await sessions.providerSession(second) == nil, "it has gone with its session")
    }

    @Test("A session is its owner, with the groups of today and the session's id; the store has no token")
    func principal() async throws {
        let (session, token) = try await begin()
        people.answer.withLock {
            $0 = .found(
                Principal(userName: "alice", groups: [Group(name: "now")], source: .ldap, identity: "entryUUID:1"))
        }
        guard case .authenticated(let principal) = await sessions.judge(token) else {
            Issue.record("not let in")
            return
        }
        #expect(principal.groups.map(\.name) == ["now"] && principal.method == .session(id: session.id))
        #expect(principal.identity == "entryUUID:1" && principal.source == .ldap)
        try store.close()
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path("data")) {
            let bytes = try Data(contentsOf: folder.url("data/\(file)"))
            #expect(bytes.range(of: Data(token.text.utf8)) == nil, "\(file)")
        }
    }

    @Test("It ends two hours after its last use, and a day after the login however often it is used")
    func times() async throws {
        let idle = try await begin().token
        pass(7199)
        #expect(await says(idle) == "alice")
        pass(7199)
        #expect(await says(idle) == "alice", "a use counts")
        pass(7200)
        #expect(await says(idle) == "session-over")
        let busy = try await begin().token
        for _ in 0..<24 {
            #expect(await says(busy) == "alice")
            pass(3600)
        }
        #expect(await says(busy) == "session-over")
        #expect(try await sessions.sessions(.all(CredentialOwner(alice))).isEmpty)
        #expect(try await sessions.purge() == 2)
        #expect(await says(busy) == "session-over" || sessions.unwrittenUses == 0)
    }

    @Test("Uses are written behind: an allowed request writes nothing, and after a restart the last use still counts")
    func uses() async throws {
        let token = try await begin().token
        let before = store.metrics.latencies.values.reduce(0) { $0 + $1.count }
        pass(3600)
        guard case .authenticated = await sessions.judge(token) else {
            Issue.record("not let in")
            return
        }
        for _ in 0..<1000 { _ = sessions.knownPrincipal(token, at: .now) }
        let after = store.metrics.latencies
        #expect(after[.uses]?.count ?? 0 == 0 && after.values.reduce(0) { $0 + $1.count } <= before + 1, "one look-up")
        #expect(sessions.unwrittenUses == 1)
        try await sessions.writeUses()
        pass(5000)
        #expect(
            await says(token, Self.sessions(store, people, clock)) == "alice",
            "7,200 s after the login it would be over")
    }

    @Test("Ended is ended: at once, for good, and for nobody else")
    func end() async throws {
        let (first, second) = (try await begin(), try await begin())
        #expect(await says(first.token) == "alice")
        let stranger = CredentialOwner(userName: "alice", source: .ldap, identity: "entryUUID:2")
        #expect(try await sessions.end(.own(first.session.id, stranger)).isEmpty)
        #expect(try await sessions.end(.own(first.session.id, CredentialOwner(alice))).count == 1)
        #expect(await says(first.token) == "unknown-session")
        #expect(sessions.knownPrincipal(first.token, at: .now) == nil)
        #expect(await says(second.token) == "alice")
        #expect(try await sessions.sessions(.named("alice")).map(\.id) == [second.session.id])
        #expect(try await sessions.end(.named("alice")).count == 1)
        #expect(await says(second.token) == "unknown-session")
        #expect(await says(.random()) == "unknown-session")
    }

    @Test("A login ends the session that the browser had, and one too many the one that was used longest ago")
    func limits() async throws {
        let old = try await begin()
        let new = try await begin(replacing: old.token)
        #expect(await says(old.token) == "unknown-session")
        #expect(await says(new.token) == "alice")
        let few = Self.sessions(store, people, clock, maximum: 3)
        var tokens = [new.token]
        for _ in 0..<5 {
            pass(1)
            tokens.append(try await few.begin(for: alice, client: nil, userAgent: "").token)
        }
        var alive: [Bool] = []
        for token in tokens { alive.append(await says(token, few) == "alice") }
        #expect(alive == [false, false, false, true, true, true])
    }

    @Test("It ends with its owner, and with the password by which it began")
    func owner() async throws {
        let first = try await begin().token
        #expect(await says(first) == "alice")
        people.password.withLock { $0 = [2] }
        #expect(await says(first) == "session-over")
        people.password.withLock { $0 = [1] }
        #expect(await says(first) == "unknown-session", "it does not come back with the old password")
        let second = try await begin().token
        people.answer.withLock { $0 = .disabled(nil) }
        #expect(await says(second) == "owner-gone")
        people.answer.withLock { $0 = .found(alice) }
        #expect(await says(second) == "unknown-session", "it does not come back with its owner")
        let third = try await begin().token
        people.answer.withLock { $0 = .unavailable(SourceFailure(.timedOut, detail: "")) }
        #expect(await says(third) == "unavailable: timed-out")
        people.answer.withLock { $0 = .found(alice) }
        #expect(await says(third) == "alice", "an outage ends nothing")
    }

    @Test("A session that is ended while it is looked up is not remembered")
    func race() async throws {
        for _ in 0..<50 {
            let (session, token) = try await begin()
            async let ended = sessions.end(.one(session.id))
            async let said = says(token)
            _ = try await (ended, said)
            #expect(sessions.knownPrincipal(token, at: .now) == nil)
            #expect(await says(token) == "unknown-session")
        }
    }
}
