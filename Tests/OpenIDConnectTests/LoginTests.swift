import Credentials
import Crypto
import Foundation
import TestSupport
import Testing

@testable import OpenIDConnect

@Suite("A login by OpenID Connect")
struct LoginTests {
    private let scripted = ScriptedProvider()
    private let clock = Locked(Date(timeIntervalSince1970: 1_900_000_000))

    private var now: Double { clock.withLock { $0.timeIntervalSince1970 } }

    private func settings(
        _ authentication: ProviderSettings.ClientAuthentication = .secret(Secret("s:cret")), name: String = "corp"
    ) -> ProviderSettings {
        ProviderSettings(
            name: name, issuer: Issuer(ScriptedProvider.issuer), clientID: "latch key", authentication: authentication,
            scopes: ["email", "groups"])
    }

    private func provider(_ settings: ProviderSettings? = nil) -> IdentityProvider {
        IdentityProvider(settings ?? self.settings(), transport: scripted) { clock.withLock { $0 } }
    }

    private func begin(_ name: String = "corp") -> PendingLogin {
        PendingLogin(
            provider: name, returnTo: "/", redirectURL: "\(ScriptedProvider.origin)/auth/callback/\(name)",
            at: clock.withLock { $0 })
    }

    private func claims(_ login: PendingLogin, _ changes: [String: (any Sendable)?] = [:]) -> [String: any Sendable] {
        var claims: [String: (any Sendable)?] = [
            "iss": ScriptedProvider.issuer, "sub": "4711", "aud": "latch key", "exp": now + 300, "iat": now,
            "nonce": login.nonce, "email": "alice@example.org", "email_verified": true, "groups": ["admins", "team"],
            "name": "Alice",
        ]
        claims.merge(changes) { $1 }
        return claims.compactMapValues { $0 }
    }

    private func query(_ login: PendingLogin, code: String = "c0de") -> Substring {
        "state=\(login.state)&code=\(code)&iss=https%3A%2F%2Fprovider.example"
    }

    /// Ends a login with a token of these claims.
    private func finish(
        _ provider: IdentityProvider, _ login: PendingLogin, _ changes: [String: (any Sendable)?] = [:],
        query: Substring? = nil
    ) async throws -> ProviderIdentity {
        try await scripted.answer(
            "/token",
            [
                "access_token": "at", "token_type": "Bearer",
                "id_token": try scripted.token(claims(login, changes)),
            ])
        return try await provider.finish(query ?? self.query(login), login)
    }

    private func problem(_ body: () async throws -> ProviderIdentity) async throws -> LoginProblem? {
        do {
            _ = try await body().userName.get()
            return nil
        } catch let problem as LoginProblem {
            return problem
        }
    }

    @Test(
        "The browser goes to the provider with state, nonce and the S256 challenge; the code comes back with the verifier, and makes a person"
    )
    func whole() async throws {
        try await scripted.publish()
        let (provider, login) = (provider(), begin())
        let url = try await provider.authorizationURL(login)
        let parts = try #require(URLComponents(string: url))
        let fields = Dictionary(uniqueKeysWithValues: (parts.queryItems ?? []).map { ($0.name, $0.value ?? "") })
        #expect(url.hasPrefix("https://provider.example/authorize?"))
        #expect(fields["scope"] == "openid email groups" && fields["client_id"] == "latch key")
        #expect(fields["code_challenge_method"] == "S256" && fields["response_type"] == "code")
        #expect(fields["state"] == login.state && fields["nonce"] == login.nonce)
        #expect(fields["redirect_uri"] == "https://auth.example.org/auth/callback/corp")
        #expect(!url.contains(login.verifier))
        let identity = try await finish(provider, login)
        #expect(
            identity.identity == "https://provider.example|4711" && identity.userName == .success("alice@example.org"))
        #expect(identity.groups == ["admins", "team"] && identity.displayName == "Alice")
        let exchange = try #require(await scripted.last("/token"))
        let form = Dictionary(
            FormText.decode((exchange.form ?? "")[...]).map { ($0.name, $0.value) }, uniquingKeysWith: { a, _ in a })
        #expect(form["grant_type"] == "authorization_code" && form["code"] == "c0de")
        let hash = Base64URL.encode(SHA256.hash(data: Data((form["code_verifier"] ?? "").utf8)))
        #expect(hash == fields["code_challenge"])
        let pair = Data("latch%20key:s%3Acret".utf8).base64EncodedString()
        #expect(exchange.headers.contains { $0 == ("Authorization", "Basic \(pair)") } && form["client_secret"] == nil)
        #expect(await scripted.count("/userinfo") == 0, "the token says all that is asked for")
        let (other, third) = (begin(), begin())
        #expect(Set([login.state, login.nonce, login.verifier, other.state, other.nonce, third.verifier]).count == 6)
    }

    @Test("A client shows who it is by the form, by a signed assertion, or not at all")
    func clientAuthentication() async throws {
        try await scripted.publish(["token_endpoint_auth_methods_supported": ["client_secret_post"]])
        var login = begin()
        _ = try await finish(provider(), login)
        #expect(await scripted.last("/token")?.form?.contains("client_secret=s%3Acret") ?? false)
        #expect(await scripted.last("/token")?.headers.contains { $0.0 == "Authorization" } == false)
        try await scripted.publish([
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"]
        ])
        for (method, isByForm) in [(nil, false), (.basic, false), (.post, true)]
            as [(ProviderSettings.SecretMethod?, Bool)]
        {
            login = begin()
            var other = settings()
            other.secretMethod = method
            _ = try await finish(provider(other), login)
            let sent = try #require(await scripted.last("/token"))
            #expect(sent.headers.contains { $0.0 == "Authorization" } != isByForm)
            #expect(sent.form?.contains("client_secret=") == isByForm)
        }
        login = begin()
        _ = try await finish(provider(settings(.none)), login)
        let form = try #require(await scripted.last("/token")?.form)
        #expect(!form.contains("client_secret") && form.contains("client_id=latch%20key"))
        login = begin()
        let broken = provider(settings(.privateKey(pem: Secret("no key"), keyID: nil)))
        #expect(try await problem { try await finish(broken, login) } != nil)
    }

    @Test(
        "Each kind of private key that is taken signs, and whoever has its public part finds that it did",
        arguments: [
            ("EC", "ec_paramgen_curve:P-256", "ES256"), ("EC", "ec_paramgen_curve:P-384", "ES384"),
            ("EC", "ec_paramgen_curve:P-521", "ES512"), ("ED25519", "", "EdDSA"),
            ("RSA", "rsa_keygen_bits:2048", "RS256"),
        ])
    func clientKeys(_ kind: String, _ option: String, _ algorithm: String) async throws {
        let folder = try TemporaryFolder()
        let openssl = try Program("openssl", package: "openssl")
        let made = try await openssl.run(
            ["genpkey", "-algorithm", kind, "-out", folder.path("key.pem")]
                + (option.isEmpty ? [] : ["-pkeyopt", option]))
        try #require(made.status == 0, "\(made)")
        try await scripted.publish()
        let login = begin()
        let pem = Secret(try folder.text("key.pem"))
        _ = try await finish(provider(settings(.privateKey(pem: pem, keyID: "k1"))), login)
        let sent = FormText.decode((await scripted.last("/token")?.form ?? "")[...])
        #expect(
            sent.first { $0.name == "client_assertion_type" }?.value
                == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
        let assertion = try #require(sent.first { $0.name == "client_assertion" }?.value)
        // Judged by another's library, with the public part as openssl writes it.
        let script = """
            import json, subprocess, sys
            from jwcrypto import jwk, jws
            public = subprocess.run(["openssl", "pkey", "-in", sys.argv[1], "-pubout"], capture_output=True, check=True).stdout
            token = jws.JWS()
            token.allowed_algs = [sys.argv[3]]
            token.deserialize(sys.argv[2], jwk.JWK.from_pem(public))
            print(json.dumps([token.jose_header, json.loads(token.payload)]))
            """
        let judged = try await Program("python3", package: "python3-jwcrypto").run(
            ["-c", script, folder.path("key.pem"), assertion, algorithm])
        let parts = try JSONSerialization.jsonObject(with: Data(judged.standardOutput.utf8)) as? [[String: Any]]
        let (header, claims) = (try #require(parts?.first, "\(judged)"), try #require(parts?.last))
        #expect(header["alg"] as? String == algorithm && header["kid"] as? String == "k1")
        #expect(claims["iss"] as? String == "latch key" && claims["sub"] as? String == "latch key")
        #expect(claims["aud"] as? String == "https://provider.example/token")
    }

    @Test("A token that says something else than it must is refused, whatever its signature")
    func claims() async throws {
        try await scripted.publish()
        let provider = provider()
        let wrong: [(String, [String: (any Sendable)?])] = [
            ("iss", ["iss": "https://provider.example/"]), ("iss", ["iss": nil]), ("sub", ["sub": nil]),
            ("sub", ["sub": 4711]), ("sub", ["sub": ""]), ("sub", ["sub": String(repeating: "x", count: 256)]),
            ("aud", ["aud": "another"]), ("aud", ["aud": nil]), ("aud", ["aud": ["another", "third"]]),
            ("aud", ["aud": ["another", "latch key"]]), ("azp", ["aud": ["another", "latch key"], "azp": "another"]),
            ("azp", ["azp": "another"]), ("exp", ["exp": now - 61]), ("exp", ["exp": nil]), ("exp", ["exp": "later"]),
            ("iat", ["iat": now + 120]), ("iat", ["iat": nil]), ("iat", ["iat": now - 601]),
            ("nbf", ["nbf": now + 120]), ("nbf", ["nbf": "now"]),
            ("nonce", ["nonce": nil]), ("nonce", ["nonce": "another"]), ("nonce", ["nonce": ""]),
        ]
        for (claim, changes) in wrong {
            let login = begin()
            let found = try await problem { try await finish(provider, login, changes) }
            guard case .token(let reason) = found else {
                Issue.record("\(changes): \(String(describing: found))")
                continue
            }
            #expect(reason.hasPrefix(claim), "\(changes): \(reason)")
        }
        for changes: [String: (any Sendable)?] in [
            ["aud": ["latch key"]], ["aud": ["another", "latch key"], "azp": "latch key"], ["exp": now - 30],
            ["iat": now + 30], ["nbf": now - 5], ["nbf": nil],
        ] {
            let login = begin()
            #expect(try await problem { try await finish(provider, login, changes) } == nil, "\(changes)")
        }
    }

    @Test("A token for, of or about what only Unicode takes for the same is refused")
    func bytes() throws {
        let (client, other) = ("LatchKey", "Latch\u{212A}ey")
        let (issuer, otherIssuer) = ("https://a/zo\u{EB}", "https://a/zoe\u{308}")
        #expect(client == other && issuer == otherIssuer, "the pairs are one to Swift")
        let rules = IDTokenRules(issuer: Issuer(issuer), clientID: client)
        func problem(_ changes: [String: Claims.Value]) -> LoginProblem? {
            let good: [String: Claims.Value] = [
                "iss": .text(issuer), "sub": .text("s"), "aud": .text(client), "exp": .number(now + 60),
                "iat": .number(now), "nonce": .text("K"),
            ]
            do throws(LoginProblem) {
                try rules.check(
                    Claims(good.merging(changes) { $1 }), nonce: "K", at: Date(timeIntervalSince1970: now))
                return nil
            } catch {
                return error
            }
        }
        #expect(problem([:]) == nil && problem(["azp": .text(client)]) == nil)
        for (claim, value) in [
            ("iss", Claims.Value.text(otherIssuer)), ("aud", .text(other)), ("aud", .array([.text(other)])),
            ("azp", .text(other)), ("nonce", .text("\u{212A}")),
        ] {
            guard case .token(let reason)? = problem([claim: value]) else {
                Issue.record("\(claim) is taken")
                continue
            }
            #expect(reason.hasPrefix(claim))
        }
    }

    @Test("A token that is not signed, or by a key or in a way that does not count, is refused")
    func signatures() async throws {
        try await scripted.publish()
        let (provider, thief) = (provider(), P256.Signing.PrivateKey())
        let key = scripted.key
        let login = begin()
        let good = claims(login)
        let parts = try ScriptedProvider.signed(["alg": "ES256", "kid": "one"], good, key).split(separator: ".").map(
            String.init)
        func head(_ fields: [String: any Sendable]) throws -> String {
            Base64URL.encode(try JSONSerialization.data(withJSONObject: fields))
        }
        let mac = Base64URL.encode(
            HMAC<SHA256>.authenticationCode(
                for: Data("\(try head(["alg": "HS256"])).\(parts[1])".utf8),
                using: SymmetricKey(data: Data(key.publicKey.pemRepresentation.utf8))))
        let tokens = [
            try ScriptedProvider.signed(["alg": "ES256", "kid": "one"], good, thief),
            try ScriptedProvider.signed(["alg": "ES256", "kid": "unknown"], good, thief),
            try ScriptedProvider.signed(["alg": "ES256"], good, thief),
            try ScriptedProvider.signed(
                ["alg": "ES256", "jwk": ScriptedProvider.published(thief, "one")], good, thief),
            try ScriptedProvider.signed(["alg": "ES256", "kid": "one", "crit": ["exp"]], good, key),
            try ScriptedProvider.signed(["alg": "RS256", "kid": "one"], good, key),
            "\(try head(["alg": "none"])).\(parts[1]).", "\(try head(["alg": "none"])).\(parts[1]).\(parts[2])",
            "\(try head(["alg": "None", "kid": "one"])).\(parts[1]).\(parts[2])",
            "\(try head(["alg": "HS256"])).\(parts[1]).\(mac)",
            "\(parts[0]).\(parts[1])", "\(parts[0]).\(parts[1]).\(parts[2]).x", "\(parts[0])..\(parts[2])", "", "...",
            "\(parts[0]).\(parts[1])x.\(parts[2])", String(repeating: "a", count: 20_000),
            parts.joined(separator: ".") + "=", "\(parts[0]).\(parts[1]).\(parts[2].dropLast(2))",
        ]
        for token in tokens {
            try await scripted.answer("/token", ["access_token": "at", "id_token": token])
            let found = try await problem { try await provider.finish(query(login), login) }
            guard case .token = found else {
                Issue.record("\(token.prefix(60)): \(String(describing: found))")
                continue
            }
        }
        try await scripted.answer("/token", ["access_token": "at", "id_token": parts.joined(separator: ".")])
        #expect(try await problem { try await provider.finish(query(login), login) } == nil)
    }

    @Test("The way back must be of this login: state, provider and issuer; what stands twice counts for nothing")
    func wayBack() async throws {
        try await scripted.publish()
        let (provider, login) = (provider(), begin())
        let iss = "iss=https%3A%2F%2Fprovider.example"
        let wrong: [(String, LoginProblem)] = [
            ("code=c&\(iss)", .unknownLogin), ("state=x&code=c&\(iss)", .unknownLogin), ("", .unknownLogin),
            ("state=\(login.state)&state=\(login.state)&code=c&\(iss)", .unknownLogin),
            ("state=\(login.state)&code=c&code=d&\(iss)", .unknownLogin),
            ("state=\(login.state)&code=&\(iss)", .unknownLogin),
            ("state=\(login.state)&\(iss)", .unknownLogin), ("state=\(login.state)&code=c", .mixedUp),
            ("state=\(login.state)&code=c&iss=https%3A%2F%2Fevil.example", .mixedUp),
            ("state=\(login.state)&error=access_denied&\(iss)", .refused(code: "access_denied")),
            ("state=\(login.state)&error=%3Cscript%3E&error_description=words&\(iss)", .refused(code: "other")),
            ("state=\(login.state)&error=access_denied&iss=https%3A%2F%2Fevil.example", .mixedUp),
            (
                "state=\(login.state)&error=temporarily_unavailable&\(iss)",
                .outage("it sent the browser back with the error temporarily_unavailable")
            ),
            (
                "state=\(login.state)&error=server_error&\(iss)",
                .outage("it sent the browser back with the error server_error")
            ),
        ]
        for (query, expected) in wrong {
            let found = try await problem { try await finish(provider, login, query: query[...]) }
            #expect(found == expected, "\(query)")
        }
        #expect(await scripted.count("/token") == 0, "no code went anywhere")
        #expect(try await problem { try await finish(provider, begin("other")) } == .unknownLogin)
        clock.withLock { $0 += 601 }
        #expect(try await problem { try await finish(provider, login) } == .unknownLogin, "its time is over")
    }

    @Test("A mail address that the provider has not verified makes nobody's name; another claim does")
    func userName() async throws {
        try await scripted.publish()
        var settings = settings()
        let provider = provider()
        for changes: [String: (any Sendable)?] in [
            ["email_verified": false], ["email_verified": nil], ["email_verified": "yes"], ["email_verified": 1],
        ] {
            let login = begin()
            if changes["email_verified"] ?? nil == nil { try await scripted.answer("/userinfo", ["sub": "4711"]) }
            #expect(try await problem { try await finish(provider, login, changes) } == .emailNotVerified, "\(changes)")
        }
        #expect(
            try await finish(provider, begin(), ["email_verified": "true"]).userName == .success("alice@example.org"),
            "some providers write it as a text")
        settings.claims.userName = "preferred_username"
        let other = self.provider(settings)
        var login = begin()
        let identity = try await finish(other, login, ["preferred_username": "alice", "email_verified": false])
        #expect(identity.userName == .success("alice") && identity.email == nil)
        let names: [(any Sendable, LoginProblem)] = [
            ("", .noUserName(claim: "preferred_username")), (NSNull(), .noUserName(claim: "preferred_username")),
            (["alice"], .noText(claim: "preferred_username", found: "a list")),
            (["a": 1], .noText(claim: "preferred_username", found: "an object")),
            (true, .noText(claim: "preferred_username", found: "a truth value")),
            (4.5, .noText(claim: "preferred_username", found: "a number")),
            (-7, .noText(claim: "preferred_username", found: "a number")),
            (9_007_199_254_740_993, .noText(claim: "preferred_username", found: "a number")),
        ]
        for (name, expected) in names {
            login = begin()
            try await scripted.answer("/userinfo", ["sub": "4711"])
            let found = try await problem { try await finish(other, login, ["preferred_username": .some(name)]) }
            #expect(found == expected, "\(name)")
        }
        login = begin()
        let employee = try await finish(other, login, ["preferred_username": 4711])
        #expect(employee.userName == .success("4711"), "the digits of a whole number")
    }

    @Test("What the token does not say is asked for; an answer about somebody else is refused")
    func userinfo() async throws {
        try await scripted.publish()
        let provider = provider()
        var login = begin()
        try await scripted.answer("/userinfo", ["sub": "4711", "groups": "single", "email": "mallory@example.org"])
        let identity = try await finish(provider, login, ["groups": nil])
        #expect(
            identity.groups == ["single"] && identity.userName == .success("alice@example.org"),
            "the signed word counts")
        #expect(await scripted.last("/userinfo")?.headers.contains { $0 == ("Authorization", "Bearer at") } ?? false)
        login = begin()
        await scripted.answer("/userinfo", text: #"{"sub": "4712", "groups": ["admins"]}"#)
        guard case .provider = try await problem({ try await finish(provider, login, ["groups": nil]) }) else {
            Issue.record("taken")
            return
        }
        for answer in ["[]", "", "{", "null", #"{"groups":["x"]}"#] {
            await scripted.answer("/userinfo", text: answer)
            login = begin()
            #expect(try await problem { try await finish(provider, login, ["groups": nil]) } != nil, "\(answer)")
        }
    }

    @Test("Metadata of another issuer, with addresses of no TLS, or broken, is no metadata")
    func metadata() async throws {
        let wrong: [[String: any Sendable]] = [
            ["issuer": "https://provider.example/"], ["issuer": "https://evil.example"],
            ["token_endpoint": "http://provider.example/token"], ["jwks_uri": "file:///etc/passwd"],
            ["authorization_endpoint": "javascript:alert(1)"], ["userinfo_endpoint": "//provider.example"],
            ["token_endpoint": 7], ["jwks_uri": NSNull()],
        ]
        for changes in wrong {
            let scripted = ScriptedProvider()
            try await scripted.publish(changes)
            let provider = IdentityProvider(settings(), transport: scripted) { .now }
            await #expect(throws: LoginProblem.self, "\(changes)") { try await provider.authorizationURL(begin()) }
        }
        for text in ["", "null", "[]", "{}", String(repeating: "[", count: 100_000)] {
            let scripted = ScriptedProvider()
            await scripted.answer("/.well-known/openid-configuration", text: text)
            let provider = IdentityProvider(settings(), transport: scripted) { .now }
            await #expect(throws: LoginProblem.self) { try await provider.authorizationURL(begin()) }
        }
    }

    @Test("A provider that is down is not asked again at once, and comes back by itself")
    func outage() async throws {
        let provider = provider()
        for _ in 0..<50 { await #expect(throws: LoginProblem.self) { try await provider.authorizationURL(begin()) } }
        #expect(await scripted.count("/.well-known/openid-configuration") == 1)
        try await scripted.publish()
        await #expect(throws: LoginProblem.self) { try await provider.authorizationURL(begin()) }
        clock.withLock { $0 += 11 }
        _ = try await provider.authorizationURL(begin())
        #expect(await scripted.count("/.well-known/openid-configuration") == 2)
        await scripted.forget("/.well-known/openid-configuration")
        clock.withLock { $0 += 4000 }
        _ = try await provider.authorizationURL(begin())
        #expect(await scripted.count("/.well-known/openid-configuration") == 3, "what was good counts while it is away")
    }

    @Test("Keys that change are fetched anew, once in ten seconds however many tokens name keys that nobody has")
    func rotation() async throws {
        try await scripted.publish()
        let provider = provider()
        _ = try await finish(provider, begin())
        let new = P256.Signing.PrivateKey()
        try await scripted.publish(keyID: "two", key: new)
        clock.withLock { $0 += 11 }
        let login = begin()
        try await scripted.answer(
            "/token",
            ["access_token": "at", "id_token": try scripted.token(claims(login), keyID: "two", key: new)])
        #expect(try await provider.finish(query(login), login).subject == "4711")
        #expect(await scripted.count("/keys") == 2)
        for number in 0..<50 {
            try await scripted.answer(
                "/token",
                [
                    "access_token": "at",
                    "id_token": try scripted.token(claims(login), keyID: "bogus \(number)", key: new),
                ])
            #expect(try await problem { try await provider.finish(query(login), login) } != nil)
        }
        #expect(await scripted.count("/keys") == 2)
    }

    @Test("A key that is broken, of an unknown kind or not for signatures takes no other with it")
    func keySets() async throws {
        let login = begin()
        let good = ScriptedProvider.published(scripted.key, "one")
        try await scripted.publish()
        var encrypting = ScriptedProvider.published(scripted.key, "enc")
        encrypting["use"] = "enc"
        let odd: [any Sendable] = [
            ["kty": "oct", "k": "AAAA", "kid": "one"], ["kty": "XYZ"], 7, encrypting, good, ["kty": "EC"],
        ]
        try await scripted.answer("/keys", ["keys": odd])
        let provider = provider()
        #expect(try await finish(provider, login).subject == "4711")
        for text in ["", "[]", "{}", #"{"keys":7}"#, #"{"keys":[]}"#] {
            let other = ScriptedProvider()
            try await other.publish()
            await other.answer("/keys", text: text)
            try await other.answer("/token", ["access_token": "at", "id_token": try other.token(claims(login))])
            let provider = IdentityProvider(settings(), transport: other) { clock.withLock { $0 } }
            #expect(try await problem { try await provider.finish(query(login), login) } != nil, "\(text)")
        }
    }

    @Test(
        "A token endpoint that refuses, or answers rubbish, is told by status and a known code, never by its own words")
    func exchange() async throws {
        try await scripted.publish()
        let (provider, login) = (provider(), begin())
        try await scripted.answer(
            "/token", ["error": "invalid_grant", "error_description": "secret words"], status: 400)
        #expect(
            try await problem { try await provider.finish(query(login), login) }
                == .exchange(status: 400, code: "invalid_grant"))
        try await scripted.answer("/token", ["error": "<b>words</b>"], status: 401)
        #expect(
            try await problem { try await provider.finish(query(login), login) }
                == .exchange(status: 401, code: "other"))
        for text in [
            "", "{}", "[]", #"{"access_token":""}"#, #"{"access_token":"a","token_type":"mac"}"#,
            #"{"access_token":"a"}"#,
        ] {
            await scripted.answer("/token", text: text)
            #expect(try await problem { try await provider.finish(query(login), login) } != nil, "\(text)")
        }
    }

    @Test("What a browser carries is sealed: nobody else reads or makes it, and no byte of it can be another")
    func seal() throws {
        let (seal, other) = (try #require(LoginSeal()), try #require(LoginSeal()))
        let login = begin()
        let text = try #require(seal.seal(login))
        #expect(seal.open(text) == login && other.open(text) == nil)
        #expect(!text.contains(login.state) && text.utf8.count < 2000)
        #expect(LoginSeal(key: [1, 2]) == nil)
        var generator = Seeded.announced()
        for _ in 0..<2000 {
            var bytes = Array(text.utf8)
            bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(in: 33...126, using: &generator)
            let changed = String(decoding: bytes, as: UTF8.self)
            // The last character may have bits that say nothing.
            #expect(changed == text || seal.open(changed) == nil || changed.dropLast() == text.dropLast())
        }
        for text in ["", "a", String(repeating: "A", count: 10_000), "é"] { #expect(seal.open(text) == nil) }
    }
}
