import Credentials
import Crypto
import Foundation
import TestSupport
import Testing

@testable import OpenIDConnect

@Suite("Tokens of workloads")
struct BearerTests {
    private let scripted = ScriptedProvider()
    private let clock = Locked(Date(timeIntervalSince1970: 1_900_000_000))
    private let taken = Locked<[UserName: Bool?]>([:])

    private var now: Double { clock.withLock { $0.timeIntervalSince1970 } }

    private func source(
        _ change: (inout TokenIssuerSettings) -> Void = { _ in }, audiences: [String] = ["latchkey", "zot"],
        cache: Duration = .seconds(60)
    ) -> BearerSource {
        var settings = TokenIssuerSettings(issuer: Issuer(ScriptedProvider.issuer), audiences: audiences)
        change(&settings)
        var options = BearerSource.Options()
        options.cacheLifetime = cache
        let taken = taken
        options.isFree = { name, _ in taken.withLock { $0[name] ?? true } }
        return BearerSource(issuers: [(settings, scripted)], signer: nil, options: options) { [clock] in
            clock.withLock { $0 }
        }
    }

    private func claims(_ changes: [String: (any Sendable)?] = [:]) -> [String: any Sendable] {
        var claims: [String: (any Sendable)?] = [
            "iss": ScriptedProvider.issuer, "sub": "system:serviceaccount:flux:source", "aud": ["latchkey"],
            "exp": now + 300, "iat": now, "nbf": now, "groups": ["ci", "deploy"],
            "kubernetes.io": ["namespace": "flux"] as [String: String],
        ]
        claims.merge(changes) { $1 }
        return claims.compactMapValues { $0 }
    }

    private func token(_ changes: [String: (any Sendable)?] = [:]) throws -> BasicCredential {
        BasicCredential(bearer: Secret(try scripted.token(claims(changes))))
    }

    private func refusal(_ verdict: Verdict) -> RefusalReason? {
        if case .rejected(let reason, _) = verdict { reason } else { nil }
    }

    private func principal(_ verdict: Verdict) -> Principal? {
        if case .authenticated(let principal) = verdict { principal } else { nil }
    }

    @Test("A token of an issuer that is trusted, for one of the audiences, is whoever its claims say")
    func good() async throws {
        try await scripted.publish(["authorization_endpoint": "urn:kubernetes:programmatic_authorization"])
        let usual = try #require(principal(await source().judge(try token())))
        #expect(usual.userName == "https://provider.example/system:serviceaccount:flux:source", "zot's usual name")
        #expect(usual.groups.isEmpty && usual.method == .token(scopes: nil) && usual.source == .bearer)
        let mapped = source {
            $0.userName = ClaimPath("claims['kubernetes.io'].namespace") ?? $0.userName
            $0.groups = ClaimPath("claims.groups")
        }
        let named = try #require(principal(await mapped.judge(try token(["aud": "zot"]))))
        #expect(named.userName == "flux" && named.groups.map(\.name) == ["ci", "deploy"])
        #expect(named.identity == "https://provider.example|system:serviceaccount:flux:source")
    }

    @Test(
        "A token that is over, of the future, for others, of others, without a name or without an end is refused, each with its reason"
    )
    func bad() async throws {
        try await scripted.publish()
        let source = source()
        let cases: [([String: (any Sendable)?], RefusalReason)] = [
            (["exp": now - 61], .tokenExpired), (["exp": nil], .tokenExpired), (["exp": "soon"], .tokenExpired),
            (["nbf": now + 120], .tokenExpired), (["iat": now + 120], .tokenExpired), (["nbf": "x"], .tokenExpired),
            (["aud": "other"], .tokenForOthers), (["aud": nil], .tokenForOthers),
            (["aud": [String]()], .tokenForOthers), (["iss": "https://evil.example"], .tokenUntrusted),
            (["iss": nil], .tokenUntrusted), (["sub": nil], .tokenUntrusted), (["sub": ""], .tokenUntrusted),
        ]
        for (changes, reason) in cases {
            #expect(refusal(await source.judge(try token(changes))) == reason, "\(changes)")
        }
        // What only Unicode takes for the same is another one: an audience, an issuer.
        let kelvin = self.source(audiences: ["Kern", "zo\u{EB}"])
        for odd in ["\u{212A}ern", "zoe\u{308}"] {
            #expect(refusal(await kelvin.judge(try token(["aud": odd]))) == .tokenForOthers, "\(odd)")
            #expect(refusal(await kelvin.judge(try token(["aud": ["x", odd]]))) == .tokenForOthers, "\(odd)")
        }
        #expect(principal(await kelvin.judge(try token(["aud": "Kern"]))) != nil)
        let (name, odd) = ("https://provider.example/K", "https://provider.example/\u{212A}")
        #expect(name == odd, "the pair is one to Swift")
        var settings = TokenIssuerSettings(issuer: Issuer(name), audiences: ["a"])
        settings.userName = try #require(ClaimPath("claims.sub"))
        for (issuer, isGood) in [(name, true), (odd, false)] {
            let found = TokenRules.judge(
                Claims(["iss": .text(issuer), "sub": .text("s"), "aud": .text("a"), "exp": .number(now + 60)]),
                settings, at: clock.withLock { $0 })
            #expect(((try? found.get()) != nil) == isGood, "\(issuer)")
        }
        let byMail = self.source { $0.userName = ClaimPath("claims.email") ?? $0.userName }
        #expect(refusal(await byMail.judge(try token())) == .tokenWithoutName)
        #expect(refusal(await byMail.judge(try token(["email": "a@example.org"]))) == .tokenWithoutName, "not verified")
        #expect(
            refusal(await byMail.judge(try token(["email": "a\u{0}b", "email_verified": true]))) == .unusableName)
        #expect(
            principal(await byMail.judge(try token(["email": "a@example.org", "email_verified": true])))?.userName
                == "a@example.org")
    }

    @Test(
        "A token counts by the claims that are demanded, by its groups only if all can be read, and by a number as a name"
    )
    func demands() async throws {
        try await scripted.publish()
        let demanding = source {
            $0.requiredClaims = ["claims['kubernetes.io'].namespace": ["flux", "other"], "run": [7]]
            $0.userName = ClaimPath("claims.run") ?? $0.userName
            $0.groups = ClaimPath("claims.groups")
        }
        #expect(principal(await demanding.judge(try token(["run": 7])))?.userName == "7")
        for changes: [String: (any Sendable)?] in [
            ["run": "7"], ["run": 8], ["run": nil], ["run": 7, "kubernetes.io": ["namespace": "evil"]],
            ["run": 7, "kubernetes.io": "flux"], ["run": 7, "kubernetes.io": nil],
        ] {
            #expect(refusal(await demanding.judge(try token(changes))) == .tokenNotAllowed, "\(changes)")
        }
        let many = (0...10_000).map { "g\($0)" }
        for changes: [String: (any Sendable)?] in [
            ["run": 7, "groups": ["a": 1]], ["run": 7, "groups": ["a", 1] as [any Sendable]],
            ["run": 7, "groups": nil, "_claim_names": ["groups": "src1"]],
            ["run": 7, "groups": nil, "hasgroups": true],
        ] {
            #expect(refusal(await demanding.judge(try token(changes))) == .tokenGroupsUnusable)
        }
        var settings = TokenIssuerSettings(issuer: "i", audiences: ["a"])
        settings.groups = ClaimPath("groups")
        for (count, isGood) in [(10_000, true), (10_001, false)] {
            let claims = Claims([
                "iss": .text("i"), "sub": .text("s"), "aud": .text("a"), "exp": .number(now + 60),
                "groups": .array(many.prefix(count).map { .text($0) }),
            ])
            let found = TokenRules.judge(claims, settings, at: clock.withLock { $0 })
            #expect((try? found.get())?.principal.groups.count == (isGood ? count : nil), "none is cut off")
        }
    }

    @Test("Nobody makes a token: not by another key, without a signature, by a shared secret, or with another head")
    func forged() async throws {
        try await scripted.publish()
        let source = source()
        func judge(_ text: String) async -> RefusalReason? {
            refusal(await source.judge(BasicCredential(bearer: Secret(text))))
        }
        let other = P256.Signing.PrivateKey()
        #expect(await judge(try scripted.token(claims(), key: other)) == .tokenUntrusted)
        let parts = try scripted.token(claims()).split(separator: ".").map(String.init)
        for head in [
            #"{"alg":"none"}"#, #"{"alg":"HS256","kid":"one"}"#, #"{"alg":"RS256","kid":"one"}"#,
            #"{"alg":"ES256","kid":"one","crit":["b64"]}"#,
        ] {
            #expect(await judge("\(Base64URL.encode(head.utf8)).\(parts[1]).\(parts[2])") == .tokenUntrusted, "\(head)")
        }
        let changed = Base64URL.encode(
            try JSONSerialization.data(withJSONObject: claims(["sub": "root"])))
        #expect(await judge("\(parts[0]).\(changed).\(parts[2])") == .tokenUntrusted)
        // A secret that is shared by being public.
        let public256 = scripted.key.publicKey.pemRepresentation
        let head = Base64URL.encode(#"{"alg":"HS256","kid":"one"}"#.utf8)
        let mac = HMAC<SHA256>.authenticationCode(
            for: Data("\(head).\(parts[1])".utf8), using: SymmetricKey(data: Data(public256.utf8)))
        #expect(await judge("\(head).\(parts[1]).\(Base64URL.encode(Array(mac)))") == .tokenUntrusted)
    }

    @Test(
        "A token that was verified is remembered within its own time, and forgotten with its bearer; the issuer is asked once"
    )
    func memory() async throws {
        try await scripted.publish()
        // Long times: on a busy machine a judgement may take seconds.
        let source = source(cache: .seconds(3600))
        let credential = try token(["exp": now + 300])
        #expect(source.principalIfKnown(credential) == nil)
        #expect(principal(await source.judge(credential)) != nil)
        #expect(principal(await source.judge(try token(["exp": now - 40]))) != nil, "clocks may be a minute apart")
        let instant = ContinuousClock.now
        #expect(source.principalIfKnown(credential, at: instant) != nil)
        #expect(source.principalIfKnown(credential, at: instant + .seconds(361)) == nil, "its own time is over before")
        let long = try token(["exp": now + 36_000])
        let name = try #require(principal(await source.judge(long))).userName
        #expect(source.principalIfKnown(long, at: .now + .seconds(3000)) != nil)
        #expect(source.principalIfKnown(long, at: .now + .seconds(3601)) == nil)
        await source.forget(userName: name)
        #expect(source.principalIfKnown(long) == nil)
        _ = await source.judge(long)
        #expect(source.principalIfKnown(long) != nil, "and is remembered anew")
        for _ in 0..<20 {
            _ = await source.judge(BasicCredential(bearer: Secret(try scripted.token(claims(), keyID: "x"))))
        }
        let asked = await scripted.count("/keys")
        #expect(asked <= 2, "names of keys that nobody has do not make the issuer be asked each time")
    }

    @Test("An issuer that is away is no refusal, and a name that is a person's is nobody's token")
    func othersAway() async throws {
        let source = source()
        guard case .unavailable = await source.judge(try token()) else {
            Issue.record("nobody could know")
            return
        }
        #expect(refusal(await source.judge(try token(["iss": "https://other.example"]))) == .tokenUntrusted)
        try await scripted.publish()
        clock.withLock { $0 += 60 }
        let named = self.source { $0.userName = ClaimPath("claims.sub") ?? $0.userName }
        taken.withLock { $0["alice"] = .some(false) }
        #expect(refusal(await named.judge(try token(["sub": "alice"]))) == .tokenNameTaken)
        taken.withLock { $0["robot"] = .some(nil) }
        guard case .unavailable = await named.judge(try token(["sub": "robot"])) else {
            Issue.record("a directory that is away may know the name")
            return
        }
        taken.withLock { $0["robot"] = .some(true) }
        #expect(principal(await named.judge(try token(["sub": "robot"]))) != nil)
        taken.withLock { $0["robot"] = .some(nil) }
        #expect(principal(await named.judge(try token(["sub": "robot"]))) != nil, "it was free a moment ago")
    }

    @Test("Of zot's expressions plain claims are read, and nothing else")
    func paths() {
        for text in [
            "claims.sub", "sub", "claims.a.b.c", "claims['kubernetes.io']['pod'].name", #"claims["x-y"]"#,
            "claims.iss + '/' + claims.sub",
        ] {
            #expect(ClaimPath(text) != nil, "\(text)")
        }
        for text in [
            "", "claims", "claims.", "claims.sub + 'x'", "claims.sub == 'x'", "has(claims.sub)", "claims.a?.b",
            "claims.groups[0]", "claims. sub", "claims['a''b']", "claims['']", "1", "vars.name", "claims.a()",
        ] {
            #expect(ClaimPath(text) == nil, "\(text)")
        }
        var generator = Seeded(seed: UInt64.random(in: 0...UInt64.max))
        let pieces = ["claims", ".", "a", "['", "']", "+", " ", "'/'", "iss", "\u{0}", "é", "\\", "[0]", "x y"]
        for _ in 0..<5000 {
            let text = (0..<Int.random(in: 0..<9, using: &generator)).map { _ in
                pieces.randomElement(using: &generator) ?? ""
            }.joined()
            if let path = ClaimPath(text) {
                _ = path.value(in: Claims(["claims": .object(["a": .text("x")]), "a": .array([])]))
            }
        }
    }

    @Test(
        "A registry's token that somebody else has signed is good for what it says, and for the registry that it is for"
    )
    func signed() async throws {
        let signer = try #require(
            RegistryTokenSigner(service: "registry", issuer: "auth", key: scripted.key.publicKey.pemRepresentation))
        let clock = clock
        let source = BearerSource(issuers: [], signer: signer, options: .init()) { clock.withLock { $0 } }
        func judge(_ changes: [String: (any Sendable)?] = [:]) async throws -> Verdict {
            var claims: [String: (any Sendable)?] = [
                "iss": "auth", "sub": "job", "aud": "registry", "exp": now + 300,
                "access": [
                    ["type": "repository", "name": "team/app", "actions": ["pull", "push"]],
                    ["type": "repository", "name": "x", "actions": ["*"], "exp": now - 1],
                    ["type": "repository", "name": "**", "actions": ["*"]],
                    ["type": "registry", "name": "catalog", "actions": ["*"]],
                    ["type": "repository", "name": "y", "actions": ["fly"]],
                ] as [[String: any Sendable]],
            ]
            claims.merge(changes) { $1 }
            return await source.judge(
                BasicCredential(bearer: Secret(try scripted.token(claims.compactMapValues { $0 }, keyID: "any"))))
        }
        let principal = try #require(principal(try await judge()))
        #expect(principal.method == .token(scopes: [Scope(stored: "team/app:read,create,update")]))
        #expect(self.principal(try await judge(["access": nil]))?.method == .token(scopes: []))
        #expect(refusal(try await judge(["aud": "other"])) == .tokenForOthers)
        #expect(refusal(try await judge(["iss": "other"])) == .tokenUntrusted)
        #expect(refusal(try await judge(["exp": now - 61])) == .tokenExpired)
        #expect(refusal(try await judge(["sub": ""])) == .unusableName)
        #expect(RegistryTokenSigner(service: "r", key: "no key") == nil)
        #expect(RegistryTokenSigner(service: "r", key: #"{"keys":[]}"#) == nil)
    }
}
