import AccessControl
import Credentials
import Foundation
import SQLiteStorage
import TestSupport
import Testing

@testable import APIKeys

/// People whom a test adds, renames and removes, by identity.
final class People: UserDirectory {
    let name: SourceName
    /// The names of today, by identity.
    let names = Locked<[Identity: UserName]>([:])
    let isAway = Locked(false)

    init(_ name: SourceName = .ldap) { self.name = name }

    func set(_ identity: Identity, _ userName: UserName?) { names.withLock { $0[identity] = userName } }

    func principal(_ userName: UserName) -> Principal? {
        names.withLock { $0 }.first { $0.value == userName }.map {
            Principal(userName: userName, source: name, identity: $0.key)
        }
    }

    func lookUp(userName: UserName) async -> UserLookup { answer(principal(userName)) }

    func lookUp(identity: Identity) async -> UserLookup {
        if let userName = identity.userName { return await lookUp(userName: userName) }
        return answer(names.withLock { $0[identity] }.flatMap { principal($0) })
    }

    private func answer(_ principal: Principal?) -> UserLookup {
        if isAway.withLock({ $0 }) { return .unavailable(SourceFailure(.unreachable, detail: "away")) }
        return principal.map { .found($0) } ?? .absent
    }
}

@Suite("The life of a key")
struct KeyLifeTests {
    private let folder: TemporaryFolder
    private let store: SQLiteStore
    private let people = People()
    private let time = Locked(Date(timeIntervalSince1970: 1_800_000_000))

    init() throws {
        folder = try TemporaryFolder()
        store = try SQLiteStore(folder: folder.url("data"))
        people.set("id:1", "ines")
    }

    private func ring(_ change: (inout APIKeyPolicy) -> Void = { _ in }) -> APIKeyRing {
        var options = APIKeyRing.Options()
        change(&options.policy)
        options.clock = { [time] in time.withLock { $0 } }
        return APIKeyRing(store: store, options: options)
    }

    private func advance(_ seconds: TimeInterval) { time.withLock { $0 += seconds } }

    private func source(_ ring: APIKeyRing) -> APIKeySource {
        APIKeySource(ring: ring, owners: OwnerCheck(directories: [people], store: store, interval: .zero))
    }

    private func says(_ source: APIKeySource, _ key: APIKey, _ user: String = "ines") async -> String {
        switch await source.judge(.init(userName: UserName(user), secret: Secret(key.text))) {
        case .authenticated(let principal): principal.userName.text
        case .rejected(let reason, _): reason.rawValue
        case .unknownUser: "unknown"
        case .unavailable(let failure): "unavailable: \(failure.code.rawValue)"
        }
    }

    private func create(
        _ ring: APIKeyRing, label: String = "x", scopes: [String] = [], days: Double? = nil, service: UserName? = nil
    ) async throws -> (APIKeyRecord, APIKey) {
        try await ring.create(
            owner: try #require(people.principal("ines")), serviceAccount: service, label: label,
            scopes: scopes.map { Scope(stored: $0) },
            expirationDate: days.map { ring.now.addingTimeInterval($0 * 86_400) },
            userAgent: "")
    }

    private func rule(_ ring: APIKeyRing, label: String = "x", scopes: [String] = [], days: Double? = nil) async throws
        -> String
    {
        do {
            _ = try await create(ring, label: label, scopes: scopes, days: days)
            return "made"
        } catch KeyRequestError.policy(let rule) {
            return rule.rawValue
        }
    }

    @Test("A request beyond the policy is refused with the rule's name")
    func policy() async throws {
        let lifetime = ring { $0.maxLifetime = .seconds(10 * 86_400) }
        #expect(try await rule(lifetime, days: 10) == "made")
        #expect(try await rule(lifetime, days: 10.1) == "maxLifetime")
        #expect(try await rule(lifetime) == "maxLifetime", "never is longer")
        let expiry = ring { $0.requireExpiry = true }
        #expect(try await rule(expiry) == "requireExpiry")
        #expect(try await rule(expiry, days: 9999) == "made")
        let label = ring { $0.requireLabel = true }
        #expect(try await rule(label, label: " ") == "requireLabel")
        #expect(try await rule(label) == "made")
        let scopes = ring { $0.allowedScopes = ["team/**:read,create", "app"].map { Scope(stored: $0) } }
        for (asked, outcome) in [
            (["team/a"], "allowedScopes"), (["team/a:read"], "made"), (["team/*:create", "app:delete"], "made"),
            ([], "allowedScopes"), (["*"], "allowedScopes"), (["**:read"], "allowedScopes"),
            (["app", "other"], "allowedScopes"),
            (["{team/x,app}:read"], "made"),
        ] {
            #expect(try await rule(scopes, scopes: asked) == outcome, "\(asked)")
        }
        #expect(try await rule(ring { $0.allowedScopes = [Scope(stored: "*")] }) == "made")
    }

    @Test("Nobody has more keys than maxPerUser; those that have ended do not count, nor do others'")
    func maximum() async throws {
        let ring = ring { $0.maxPerUser = 2 }
        let (first, _) = try await create(ring)
        _ = try await create(ring, days: 1)
        #expect(try await rule(ring) == "maxPerUser")
        advance(86_401)
        #expect(try await rule(ring) == "made")
        #expect(try await rule(ring) == "maxPerUser")
        _ = try await ring.revoke(.own(first.id, first.owner), cause: .owner)
        #expect(try await rule(ring) == "made")
        // Many at the same time do not slip past.
        people.set("id:2", "otto")
        let otto = try #require(people.principal("otto"))
        let made = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    (try? await ring.create(owner: otto, label: "", scopes: [], expirationDate: nil, userAgent: ""))
                        != nil
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(made == 2)
    }

    @Test("A key made before a stricter policy is blocked, and works again when the policy is gone")
    func blocked() async throws {
        let lax = ring()
        let (record, key) = try await create(lax, label: "", scopes: ["x"])
        for (change, rule) in [
            ({ $0.requireExpiry = true }, .requireExpiry), ({ $0.maxLifetime = .seconds(60) }, .maxLifetime),
            ({ $0.requireLabel = true }, .requireLabel), ({ $0.allowedScopes = [Scope(stored: "y")] }, .allowedScopes),
        ] as [((inout APIKeyPolicy) -> Void, APIKeyPolicy.Rule)] {
            let strict = ring(change)
            #expect(await says(source(strict), key) == "key-blocked", "\(rule)")
            #expect(await says(source(strict), key, "mallory") == "key-of-another-user")
            let judged = try await strict.judge(record, at: strict.now)
            #expect(judged.state == .blocked && judged.rule == rule)
            #expect(await says(source(lax), key) == "ines")
        }
    }

    @Test("A key that nobody uses is blocked after a while, and one that is used is not")
    func unused() async throws {
        let ring = ring { $0.unusedLifetime = .seconds(30 * 86_400) }
        let (source, (_, used), (_, unused)) = (source(ring), try await create(ring), try await create(ring))
        for _ in 0..<3 {
            advance(20 * 86_400)
            #expect(await says(source, used) == "ines")
            try await ring.writeUses(isLast: true)
        }
        #expect(await says(source, unused) == "key-blocked")
        // A memory that has been emptied knows the last use from the store.
        #expect(await says(self.source(self.ring { $0.unusedLifetime = .seconds(30 * 86_400) }), used) == "ines")
    }

    @Test("Rotating makes a successor alike, and the old key works on for the overlap, not longer")
    func rotation() async throws {
        let ring = ring()
        let source = source(ring)
        let (old, key) = try await create(ring, label: "ci", scopes: ["team/**"], days: 30)
        advance(86_400)
        guard
            case .done(let new, let newKey) = try await ring.rotate(
                .own(old.id, old.owner), overlap: .seconds(3600), userAgent: "curl")
        else {
            Issue.record("not rotated")
            return
        }
        #expect(new.label == "ci" && new.scopes == old.scopes && new.family == old.family && new.id != old.id)
        #expect(new.expirationDate == ring.now.addingTimeInterval(30 * 86_400))
        #expect(await says(source, key) == "ines")
        #expect(await says(source, newKey) == "ines")
        advance(3600)
        #expect(await says(source, key) == "key-rotated")
        #expect(await says(source, newKey) == "ines")
        let listed = try await ring.records(.all(old.owner))
        #expect(try await ring.judge(listed, at: ring.now).map(\.state) == [.expired, .active])
        #expect(listed[0].rotation?.successor == new.id)
    }

    @Test("What renews a known key does so no longer than the key, its owner's word and its rules hold")
    func renewal() async throws {
        let ring = ring { $0.unusedLifetime = .seconds(100) }
        let owners = OwnerCheck(directories: [people], store: store, interval: .seconds(3600))
        let source = APIKeySource(ring: ring, owners: owners)
        func known(_ key: APIKey) throws -> any PrincipalRenewal {
            let credential = BasicCredential(userName: "ines", secret: Secret(key.text))
            return try #require(source.knownPrincipal(credential, at: .now)?.renewal)
        }
        let (_, key) = try await create(ring, days: 1)
        #expect(await says(source, key) == "ines")
        let renewal = try known(key)
        for _ in 0..<5 {
            advance(60)
            #expect(renewal.renew(at: .now), "each renewal is a use")
        }
        advance(101)
        #expect(!renewal.renew(at: .now), "not used for too long")

        let (_, short) = try await create(ring, days: 50.0 / 86_400)
        #expect(await says(source, short) == "ines")
        let ofShort = try known(short)
        #expect(ofShort.renew(at: .now))
        advance(51)
        #expect(!ofShort.renew(at: .now), "expired")

        let (_, third) = try await create(ring)
        #expect(await says(source, third) == "ines")
        let ofThird = try known(third)
        #expect(ofThird.renew(at: .now))
        #expect(!ofThird.renew(at: .now + .seconds(7200)), "the owner's source must be asked again")
        await source.forget(userName: "ines")
        #expect(!ofThird.renew(at: .now), "its owner was forgotten")
        #expect(await says(source, third) == "ines")
        #expect(!ofThird.renew(at: .now), "who came in since may be in other groups")
        #expect(try known(third).renew(at: .now))
    }

    /// A source in which everybody is known and may not log in.
    private struct Closed: UserDirectory {
        let name = SourceName.htpasswd
        func lookUp(userName: UserName) async -> UserLookup { .disabled(nil) }
    }

    @Test("A person whom one source has disabled is who another source says they are")
    func disabledInOneSource() async throws {
        let both = OwnerCheck(directories: [Closed(), people])
        guard case .found(let principal) = await both.person(named: "ines") else {
            Issue.record("not found")
            return
        }
        #expect(principal.source == .ldap)
        guard case .disabled = await OwnerCheck(directories: [Closed()]).person(named: "ines") else {
            Issue.record("not disabled")
            return
        }
        guard case .disabled = await both.person(named: "nobody") else {
            Issue.record("not disabled")
            return
        }
    }

    @Test("Without an overlap the old key ends at once")
    func noOverlap() async throws {
        let ring = ring()
        let (old, key) = try await create(ring)
        let source = source(ring)
        #expect(await says(source, key) == "ines")
        _ = try await ring.rotate(.own(old.id, old.owner), overlap: .zero, userAgent: "")
        #expect(source.principalIfKnown(.init(userName: "ines", secret: Secret(key.text))) == nil)
        #expect(await says(source, key) == "key-rotated")
    }

    @Test("Rotating a key a second time, or one that was revoked, ends its whole family")
    func reuse() async throws {
        let ring = ring()
        let source = source(ring)
        let (old, key) = try await create(ring)
        guard
            case .done(let new, let newKey) = try await ring.rotate(
                .own(old.id, old.owner), overlap: .seconds(60), userAgent: ""),
            case .done(_, let newest) = try await ring.rotate(
                .own(new.id, old.owner), overlap: .seconds(60), userAgent: "")
        else {
            Issue.record("not rotated")
            return
        }
        let (_, other) = try await create(ring)
        guard case .reused(let family) = try await ring.rotate(.own(old.id, old.owner), overlap: .zero, userAgent: "")
        else {
            Issue.record("rotated twice")
            return
        }
        #expect(family.count == 3 && family.allSatisfy { $0.revocation?.cause == .reuse })
        for gone in [key, newKey, newest] { #expect(await says(source, gone) == "key-revoked") }
        #expect(await says(source, other) == "ines", "another family")
        let (revoked, revokedKey) = try await create(ring)
        _ = try await ring.revoke(.own(revoked.id, revoked.owner), cause: .owner)
        #expect(try await ring.reportReuse(of: Secret(revokedKey.text)).count == 1)
        #expect(try await ring.reportReuse(of: Secret(other.text)).isEmpty, "it works")
        #expect(await says(source, other) == "ines")
    }

    @Test("Of many who rotate one key at the same time one gets a successor, and then nobody has a key of the family")
    func race() async throws {
        let ring = ring()
        let (old, _) = try await create(ring)
        let results = await withTaskGroup(of: String.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    switch try? await ring.rotate(.own(old.id, old.owner), overlap: .zero, userAgent: "") {
                    case .done: "done"
                    case .reused: "reused"
                    default: "other"
                    }
                }
            }
            return await group.reduce(into: [String]()) { $0.append($1) }
        }
        #expect(results.count { $0 == "done" } == 1 && results.count { $0 == "reused" } == 7)
        let states = try await ring.judge(try await ring.records(.all(old.owner)), at: ring.now).map(\.state)
        #expect(states == [.revoked, .revoked])
    }

    @Test("A recycled name inherits no key, and a renamed person keeps theirs")
    func identity() async throws {
        let ring = ring()
        let source = source(ring)
        let (record, key) = try await create(ring)
        #expect(await says(source, key) == "ines")
        people.set("id:1", nil)
        people.set("id:2", "ines")
        #expect(await says(source, key) == "owner-gone")
        let newcomer = try #require(people.principal("ines"))
        #expect(try await ring.records(.all(CredentialOwner(newcomer))).isEmpty)
        #expect(try await ring.revoke(.own(record.id, CredentialOwner(newcomer)), cause: .owner).isEmpty)
        people.set("id:1", "agnes")
        #expect(await says(source, key, "agnes") == "agnes")
        #expect(await says(source, key, "ines") == "key-of-another-user")
        let renamed = try #require(people.principal("agnes"))
        #expect(try await ring.records(.all(CredentialOwner(renamed))).map(\.id) == [record.id])
    }

    @Test("What the source has said of an owner is found again by identity after a restart during an outage")
    func restart() async throws {
        let ring = ring()
        let (_, key) = try await create(ring)
        let check = OwnerCheck(directories: [people], store: store, interval: .zero)
        people.set("id:1", "agnes")
        #expect(await says(APIKeySource(ring: ring, owners: check), key, "agnes") == "agnes")
        try await check.writeOwners()
        people.isAway.withLock { $0 = true }
        #expect(await says(source(self.ring()), key, "agnes") == "agnes")
    }

    @Test("A service account's key comes in by its name, in no group, and lives no longer than whoever answers for it")
    func service() async throws {
        let ring = ring()
        let source = source(ring)
        let (record, key) = try await create(ring, service: "ci-bot")
        guard
            case .authenticated(let principal) = await source.judge(.init(userName: "ci-bot", secret: Secret(key.text)))
        else {
            Issue.record("not authenticated")
            return
        }
        #expect(principal.source == .service && principal.groups.isEmpty && principal.userName == "ci-bot")
        for name in ["ines", "CI-BOT"] { #expect(await says(source, key, name) == "key-of-another-user") }
        #expect(try await ring.records(.named("ci-bot")).map(\.id) == [record.id])
        #expect(try await ring.records(.named("ines")).isEmpty)
        #expect(try await ring.records(.all(record.owner)).count == 1, "who answers for it sees it")
        people.set("id:1", nil)
        #expect(await says(source, key, "ci-bot") == "owner-gone")
    }

    @Test("What has ended stays visible for a while, and then nothing is left of it")
    func tombstones() async throws {
        let ring = ring()
        let (revoked, revokedKey) = try await create(ring)
        let (_, _) = try await create(ring, days: 1)
        let (alive, _) = try await create(ring)
        _ = try await ring.revoke(.own(revoked.id, revoked.owner), cause: .owner)
        advance(89 * 86_400)
        #expect(try await ring.records(.all(revoked.owner)).count == 3)
        #expect(try await ring.purge() == 0)
        advance(3 * 86_400)
        #expect(try await ring.records(.all(revoked.owner)).map(\.id) == [alive.id])
        #expect(try await ring.purge() == 2)
        #expect(try await store.records(.all(revoked.owner)).map(\.id) == [alive.id])
        #expect(await says(source(ring), revokedKey) == "unknown-key")
    }

    @Test("Whoever has a key can end it, and what is no key ends nothing")
    func leaked() async throws {
        let ring = ring()
        let source = source(ring)
        let (record, key) = try await create(ring)
        #expect(await says(source, key) == "ines")
        #expect(try await ring.revoke(leaked: Secret(APIKey.random().text))?.key == nil)
        #expect(try await ring.revoke(leaked: Secret("password"))?.key == nil)
        #expect(try await ring.revoke(leaked: Secret(key.text))?.key.id == record.id)
        #expect(await says(source, key) == "key-revoked")
        #expect(try await ring.records(.all(record.owner)).first?.revocation?.cause == .holder)
    }
}
