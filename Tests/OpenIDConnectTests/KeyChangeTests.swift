import Credentials
import Crypto
import Foundation
import TestSupport
import Testing

@testable import OpenIDConnect

@Suite("A provider changes its keys")
struct KeyChangeTests {
    private let scripted = ScriptedProvider()
    private let clock = Locked(Date(timeIntervalSince1970: 1_900_000_000))
    private static let event = "http://schemas.openid.net/event/backchannel-logout"

    private var now: Double { clock.withLock { $0.timeIntervalSince1970 } }

    private func pass(_ seconds: TimeInterval) { clock.withLock { $0 += seconds } }

    private func claims(_ changes: [String: (any Sendable)?] = [:]) -> [String: any Sendable] {
        var claims: [String: (any Sendable)?] = [
            "iss": ScriptedProvider.issuer, "sub": "4711", "aud": "latchkey", "exp": now + 600, "iat": now,
            "jti": "\(UUID())", "events": [Self.event: [String: String]()],
        ]
        claims.merge(changes) { $1 }
        return claims.compactMapValues { $0 }
    }

    private func bearer(_ cache: Duration = .zero) -> BearerSource {
        var options = BearerSource.Options()
        options.cacheLifetime = cache
        return BearerSource(
            issuers: [
                (TokenIssuerSettings(issuer: Issuer(ScriptedProvider.issuer), audiences: ["latchkey"]), scripted)
            ],
            signer: nil, options: options
        ) { [clock] in clock.withLock { $0 } }
    }

    private func judge(_ source: BearerSource, _ key: P256.Signing.PrivateKey, _ keyID: String?) async throws -> Bool {
        let token = try scripted.token(claims(), keyID: keyID, key: key)
        if case .authenticated = await source.judge(BasicCredential(bearer: Secret(token))) { return true }
        return false
    }

    /// Publishes one key under a name, or without.
    private func publish(_ key: P256.Signing.PrivateKey, _ keyID: String?) async throws {
        try await scripted.publish(key: key)
        var published = ScriptedProvider.published(key, "")
        published["kid"] = keyID
        try await scripted.answer("/keys", ["keys": [published]])
    }

    @Test(
        "Under the same name, or without names: the first token of the new key brings it, and the old key is good no more",
        arguments: [nil, "sig"] as [String?])
    func sameName(_ keyID: String?) async throws {
        let (old, new) = (P256.Signing.PrivateKey(), P256.Signing.PrivateKey())
        try await publish(old, keyID)
        let source = bearer()
        #expect(try await judge(source, old, keyID))
        try await publish(new, keyID)
        #expect(try await !judge(source, new, keyID), "the pause after the question of before")
        pass(10)
        #expect(try await judge(source, new, keyID))
        #expect(try await !judge(source, old, keyID), "it was withdrawn: perhaps it was stolen")
        #expect(await scripted.count("/keys") == 2)
    }

    @Test("Logins and logout tokens go the same way", arguments: [nil, "sig"] as [String?])
    func others(_ keyID: String?) async throws {
        let (old, new) = (P256.Signing.PrivateKey(), P256.Signing.PrivateKey())
        try await publish(old, keyID)
        let settings = ProviderSettings(
            name: "corp", issuer: Issuer(ScriptedProvider.issuer), clientID: "latchkey", authentication: .none,
            scopes: [])
        let provider = IdentityProvider(settings, transport: scripted) { [clock] in clock.withLock { $0 } }
        _ = try await provider.logout(try scripted.token(claims(), keyID: keyID, key: old))
        try await publish(new, keyID)
        pass(10)
        _ = try await provider.logout(try scripted.token(claims(), keyID: keyID, key: new))
        await #expect(throws: LoginProblem.token("no key of the provider has signed it")) {
            try await provider.logout(try scripted.token(claims(), keyID: keyID, key: old))
        }
        try await publish(old, keyID)
        pass(10)
        let login = PendingLogin(
            provider: "corp", returnTo: "/", redirectURL: "https://a/cb", at: clock.withLock { $0 })
        let token = try scripted.token(claims(["nonce": login.nonce]), keyID: keyID, key: old)
        #expect(try await provider.claims(of: token, login)["sub"]?.text == "4711")
    }

    @Test("Tokens that nobody has signed have the keys asked for once in ten seconds, however many come")
    func flood() async throws {
        try await publish(scripted.key, "one")
        let source = bearer()
        #expect(try await judge(source, scripted.key, "one"))
        for _ in 0..<4 {
            pass(10)
            for number in 0..<30 {
                #expect(try await !judge(source, P256.Signing.PrivateKey(), number % 2 == 0 ? "one" : "k\(number)"))
            }
        }
        #expect(await scripted.count("/keys") == 5)
        #expect(try await judge(source, scripted.key, "one"))
    }

    @Test("The provider is away when a signature fits no key: an outage is no refusal, and what is known goes on")
    func away() async throws {
        try await publish(scripted.key, "one")
        let source = bearer()
        #expect(try await judge(source, scripted.key, "one"))
        await scripted.forget("/keys")
        pass(10)
        let token = try scripted.token(claims(), key: .init())
        guard case .unavailable = await source.judge(BasicCredential(bearer: Secret(token))) else {
            Issue.record("it may be of a key that is new")
            return
        }
        #expect(try await judge(source, scripted.key, "one"))
    }

    @Test("A token that was verified lately is forgotten when its key is withdrawn; those of keys that stay are not")
    func remembered() async throws {
        let (old, stays, new) = (P256.Signing.PrivateKey(), P256.Signing.PrivateKey(), P256.Signing.PrivateKey())
        try await publish(old, "old")
        func keys(_ list: [(P256.Signing.PrivateKey, String)]) async throws {
            try await scripted.answer("/keys", ["keys": list.map { ScriptedProvider.published($0.0, $0.1) }])
        }
        try await keys([(old, "old"), (stays, "stays")])
        let source = bearer(.seconds(3600))
        let first = BasicCredential(bearer: Secret(try scripted.token(claims(), keyID: "old", key: old)))
        let second = BasicCredential(bearer: Secret(try scripted.token(claims(), keyID: "stays", key: stays)))
        for token in [first, second] {
            _ = await source.judge(token)
            #expect(source.principalIfKnown(token) != nil)
        }
        let loop = try #require(source.knownPrincipal(first, at: .now), "as an event loop remembers it")
        try await keys([(new, "old"), (stays, "stays")])
        pass(10)
        #expect(try await judge(source, new, "old"))
        #expect(source.principalIfKnown(first) == nil && source.principalIfKnown(second) != nil)
        #expect(loop.renewal?.renew(at: .now) == false)
    }

    @Test(
        "A key that is not for verifying signatures verifies none",
        arguments: [
            (["use": "sig"], true), ([:], true), (["key_ops": ["verify"]], true),
            (["key_ops": ["sign", "verify"], "use": "sig"], true), (["key_ops": ["encrypt"]], false),
            (["key_ops": [String]()], false), (["key_ops": "verify"], false),
            (["key_ops": ["verify"], "use": "enc"], false),
            (["use": "enc"], false), (["use": 1], false), (["use": "sig", "key_ops": ["wrapKey"]], false),
        ] as [([String: any Sendable], Bool)])
    func uses(_ members: [String: any Sendable], _ isGood: Bool) async throws {
        var key: [String: any Sendable] = ScriptedProvider.published(scripted.key, "one")
        key["use"] = nil
        key.merge(members) { $1 }
        let body = Array(try JSONSerialization.data(withJSONObject: ["keys": [key]]))
        let set = try KeySet(body)
        #expect(set.isEmpty != isGood)
        let token = try SignedToken(try scripted.token(claims()), algorithms: ["ES256"])
        #expect((try? await set.claims(of: token)) != nil || !isGood)
    }
}
