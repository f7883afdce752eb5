import Credentials
import Foundation
import TestSupport
import Testing

@testable import OpenIDConnect

@Suite("What is read of a person, from two answers")
struct PersonClaimsTests {
    private let scripted = ScriptedProvider()
    private let now = Date(timeIntervalSince1970: 1_900_000_000)

    /// Logs in with claims in the ID token, and others at userinfo.
    private func logIn(
        _ token: [String: any Sendable], userinfo: [String: any Sendable] = [:], isFresh: Bool = false,
        metadata: [String: any Sendable] = [:], _ change: (inout ProviderSettings) -> Void = { _ in }
    ) async throws -> ProviderIdentity {
        var settings = ProviderSettings(
            name: "p", issuer: Issuer(ScriptedProvider.issuer), clientID: "c", authentication: .none, scopes: [])
        change(&settings)
        try await scripted.publish(["authorization_response_iss_parameter_supported": false].merging(metadata) { $1 })
        let login = PendingLogin(
            provider: "p", returnTo: "/", isFresh: isFresh, redirectURL: "https://a/cb", at: now)
        let usual: [String: any Sendable] = [
            "iss": ScriptedProvider.issuer, "aud": "c", "nonce": login.nonce, "sub": "1",
            "iat": now.timeIntervalSince1970, "exp": now.timeIntervalSince1970 + 300,
        ]
        try await scripted.answer(
            "/token", ["access_token": "at", "id_token": try scripted.token(token.merging(usual) { own, _ in own })])
        try await scripted.answer("/userinfo", ["sub": "1"].merging(userinfo) { $1 })
        return try await IdentityProvider(settings, transport: scripted) { [now] in now }.finish(
            "state=\(login.state)&code=x", login)
    }

    private func problem(_ body: () async throws -> ProviderIdentity) async throws -> String {
        do {
            _ = try await body().userName.get()
            return ""
        } catch let problem as LoginProblem {
            return "\(problem)"
        }
    }

    @Test("An address is verified by the mark beside it in one answer, never by that of another address")
    func addresses() async throws {
        let none: [String] = []
        let refused: [([String: any Sendable], [String: any Sendable])] = [
            // The mark of somebody's own address vouches for no other.
            (["email": "victim@corp"], ["email": "attacker@own", "email_verified": true, "groups": none]),
            (["email_verified": true], ["email": "victim@corp", "email_verified": false]),
            (["email_verified": true], ["email": "victim@corp"]),
            (["email": "a@corp", "email_verified": false], ["email": "a@corp", "email_verified": true]),
            (["email": "a@corp"], ["email_verified": true]),
            (["email": "z\u{F6}e@corp"], ["email": "zo\u{308}e@corp", "email_verified": true]),
        ]
        for (token, userinfo) in refused {
            let told = try await problem { try await logIn(token, userinfo: userinfo) }
            #expect(told.contains("has not verified the mail address"), "\(token) \(userinfo): \(told)")
        }
        let taken: [([String: any Sendable], [String: any Sendable])] = [
            (["email": "a@corp", "groups": none], ["email": "a@corp", "email_verified": true]),
            (["email": "a@corp", "groups": none], ["email": "a@corp", "email_verified": "true"]),
            (["groups": none], ["email": "a@corp", "email_verified": true]),
            (["email": "a@corp", "email_verified": true], ["email": "b@corp", "email_verified": false]),
            (["email_verified": false], ["email": "a@corp", "email_verified": true]),
        ]
        for (token, userinfo) in taken {
            let identity = try await logIn(token, userinfo: userinfo)
            #expect(identity.userName == .success("a@corp") && identity.email == "a@corp", "\(token) \(userinfo)")
        }
    }

    @Test("An address counts as a demand only if it is verified, by whatever path it is named")
    func demandedAddress() async throws {
        for name in ["email", "claims.email", "claims['email']"] {
            let demand = { (settings: inout ProviderSettings) in
                settings.claims.userName = "preferred_username"
                settings.requiredClaims = [name: ["boss@corp"]]
            }
            let token: [String: any Sendable] = ["preferred_username": "b", "email": "boss@corp", "groups": "g"]
            let told = try await problem { try await logIn(token, demand) }
            #expect(told.contains("has not verified"), "\(name): \(told)")
            #expect(try await logIn(token.merging(["email_verified": true]) { $1 }, demand).userName == .success("b"))
            let byName = try await problem { try await logIn(token) { $0.claims.userName = name } }
            #expect(byName.contains("has not verified"), "\(name): \(byName)")
        }
    }

    @Test(
        "What is demanded is compared as JSON: a truth value with a truth value, a number with a number, one of a list")
    func demands() async throws {
        let token: [String: any Sendable] = [
            "preferred_username": "b", "groups": "g", "internal": true, "tier": 3, "text": "true",
            "list": [1, "x", true] as [any Sendable],
            "a.b": "flat", "deep": ["a": ["b": "c"]], "kern": "\u{212A}ern",
        ]
        let met: [[String: [ClaimValue]]] = [
            ["internal": [true]], ["tier": [3]], ["tier": [1, 3]], ["text": ["true"]], ["list": ["x"]], ["list": [1]],
            ["list": [true]], ["a.b": ["flat"]], ["deep.a.b": ["c"]], ["claims.deep.a.b": ["c"]],
            ["internal": [true], "tier": [3]],
        ]
        let unmet: [[String: [ClaimValue]]] = [
            ["internal": ["true"]], ["internal": [false]], ["internal": [1]], ["tier": ["3"]], ["tier": [4]],
            ["text": [true]], ["list": ["1"]], ["list": [false]], ["missing": [true]], ["deep.a": ["c"]],
            ["deep.b": ["c"]], ["kern": ["Kern"]], ["internal": [true], "tier": [4]],
        ]
        for (demands, isMet) in met.map({ ($0, true) }) + unmet.map({ ($0, false) }) {
            let told = try await problem {
                try await logIn(token) {
                    $0.claims.userName = "preferred_username"
                    $0.requiredClaims = demands
                }
            }
            #expect(told.isEmpty == isMet, "\(demands): \(told)")
            #expect(isMet || told.contains("requiredClaims"), "\(told)")
        }
    }

    @Test("Groups that can't be read are a refusal that says what to do, and never quietly none")
    func groups() async throws {
        let refused: [([String: any Sendable], String, String)] = [
            (["groups": ["a": true]], "groups", "it is an object"), (["groups": 7], "groups", "it is a number"),
            (["groups": true], "groups", "it is a truth value"),
            (["groups": [["name": "a"]]], "groups", "it is a list with an object in it"),
            (["groups": ["a", 7] as [any Sendable]], "groups", "it is a list with a number in it"),
            (["realm_access": ["roles": ["a": 1]]], "realm_access.roles", "it is an object"),
            (["_claim_names": ["groups": "src1"]], "groups", "more groups than fit"),
            (["_claim_names": ["realm_access": "src1"]], "realm_access.roles", "more groups than fit"),
            (["hasgroups": true], "groups", "more groups than fit"),
            (["hasgroups": "true"], "groups", "more groups than fit"),
        ]
        for (claims, name, words) in refused {
            let told = try await problem {
                try await logIn(claims.merging(["preferred_username": "b"]) { $1 }) {
                    ($0.claims.userName, $0.claims.groups) = ("preferred_username", name)
                }
            }
            #expect(told.contains("the groups can't be read from \(name): ") && told.contains(words), "\(told)")
            let unwanted = try await logIn(claims.merging(["preferred_username": "b"]) { $1 }) {
                ($0.claims.userName, $0.claims.groups) = ("preferred_username", "")
            }
            #expect(unwanted.groups.isEmpty, "whoever wants no groups loses none")
        }
        let taken: [([String: any Sendable], String, [String])] = [
            (["realm_access": ["roles": ["a", "b"]]], "realm_access.roles", ["a", "b"]),
            (["realm_access.roles": ["flat"], "realm_access": ["roles": ["deep"]]], "realm_access.roles", ["flat"]),
            (["resource_access": ["my.client": ["roles": ["x"]]]], "claims.resource_access['my.client'].roles", ["x"]),
            (["https://example.org/groups": ["y"]], "https://example.org/groups", ["y"]),
            (["groups": ["a", NSNull(), ""] as [any Sendable]], "groups", ["a"]),
            (["groups": "one"], "groups", ["one"]),
            (["roles": ["r"], "_claim_names": ["groups": "src1"]], "roles", ["r"]), ([:], "groups", []),
            (["_claim_names": ["photo": "src1"], "hasgroups": false], "groups", []),
        ]
        for (claims, name, groups) in taken {
            let identity = try await logIn(claims.merging(["preferred_username": "b"]) { $1 }) {
                ($0.claims.userName, $0.claims.groups) = ("preferred_username", name)
            }
            #expect(identity.groups == groups, "\(name)")
        }
    }

    @Test(
        "A claim of groups that the operator names, and that no answer has, is told; where none is named nothing is missing"
    )
    func missingGroups() async throws {
        func gaps(_ token: [String: any Sendable], userinfo: [String: any Sendable] = [:], _ name: String?) async throws
            -> [String]
        {
            try await logIn(token.merging(["email": "a@b", "email_verified": true]) { $1 }, userinfo: userinfo) {
                guard let name else { return }
                ($0.claims.groups, $0.claims.areGroupsNamed) = (name, !name.isEmpty)
            }.gaps
        }
        let none: [String] = []
        for (token, userinfo) in [
            ([:], [:]), (["realm_access": ["other": "x"]], [:]), (["groups": "x"], ["roles": "y"]),
            (["realm_access": ["roles": NSNull()]], [:]),
        ] as [([String: any Sendable], [String: any Sendable])] {
            let told = try await gaps(token, userinfo: userinfo, "realm_access.roles")
            #expect(told.count == 1 && told[0].contains("does not send the claim realm_access.roles"), "\(token)")
        }
        #expect(try await gaps(["realm_access": ["roles": none]], "realm_access.roles").isEmpty, "in none, it says")
        #expect(try await gaps([:], userinfo: ["realm_access": ["roles": ["a"]]], "realm_access.roles").isEmpty)
        #expect(try await gaps([:], nil).isEmpty)
        #expect(try await gaps([:], "").isEmpty, "whoever wants no groups misses none")
    }

    @Test("Ten thousand groups are all read; one more is a refusal")
    func manyGroups() async throws {
        let many = (0...10_000).map { "g\($0)" }
        let told = try await problem {
            try await logIn(["email": "a@b", "email_verified": true], userinfo: ["groups": many])
        }
        #expect(told.contains("it has more than 10000 entries"), "\(told)")
        let all = try await logIn(["email": "a@b"], userinfo: ["groups": Array(many.dropLast())])
        #expect(all.groups == many.dropLast())
    }

    @Test("A token endpoint, or userinfo, that is overloaded or down is an outage; an error of OAuth is a refusal")
    func outages() async throws {
        for status in [301, 302, 307, 308, 408, 429, 500, 502, 503, 504] {
            let found = try await exchange(status, #"{"error": "invalid_client"}"#)
            #expect(found == .outage("its token endpoint answers \(status)"))
        }
        for code in ["temporarily_unavailable", "server_error"] {
            #expect(try await exchange(400, #"{"error": "\#(code)"}"#) == .outage("its token endpoint answers \(code)"))
        }
        for status in [400, 401, 403] {
            let found = try await exchange(status, #"{"error": "invalid_client"}"#)
            #expect(found == .exchange(status: status, code: "invalid_client"))
        }
    }

    private func exchange(_ status: Int, _ body: String) async throws -> LoginProblem? {
        var answer = ProviderAnswer(status: status, body: Array(body.utf8))
        answer.fields = [("Retry-After", "1")]
        do throws(LoginProblem) {
            _ = try TokenExchange.tokens(answer)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "A fresh login is asked for in the words that the provider takes, and counts by auth_time or by the operator's word"
    )
    func fresh() async throws {
        for (metadata, prompt) in [
            ([:], "login"), (["prompt_values_supported": ["none", "login"]], "login"),
            (["prompt_values_supported": ["none", "select_account"]], "select_account"),
            (["prompt_values_supported": ["none"]], nil),
        ] as [([String: any Sendable], String?)] {
            try await scripted.publish(metadata)
            let settings = ProviderSettings(
                name: "p", issuer: Issuer(ScriptedProvider.issuer), clientID: "c", authentication: .none, scopes: [])
            let provider = IdentityProvider(settings, transport: scripted) { [now] in now }
            let login = PendingLogin(
                provider: "p", returnTo: "/", isFresh: true, redirectURL: "https://a/cb", at: now)
            let address = try await provider.authorizationURL(login)
            #expect(address.contains("&max_age=1"))
            #expect(address.contains("&prompt=") == (prompt != nil))
            #expect(prompt == nil || address.contains("&prompt=\(prompt ?? "")"), "\(address)")
        }
        let token: [String: any Sendable] = ["preferred_username": "b", "groups": "g"]
        let time = now.timeIntervalSince1970
        func told(_ more: [String: any Sendable], isFresh: Bool = true, _ word: ProviderSettings.AuthenticationTime)
            async throws -> (problem: String, authenticated: Double?)
        {
            var authenticated: Double?
            let words = try await problem {
                let identity = try await logIn(token.merging(more) { $1 }, isFresh: isFresh) {
                    ($0.claims.userName, $0.authenticationTime) = ("preferred_username", word)
                }
                authenticated = identity.authenticated
                return identity
            }
            return (words, authenticated)
        }
        for more: [String: any Sendable] in [[:], ["auth_time": 0], ["auth_time": time - 3600], ["auth_time": "now"]] {
            let refused = try await told(more, .required)
            #expect(refused.problem.contains("say authTime: none at it"), "\(more): \(refused)")
            let taken = try await told(more, .none)
            #expect(taken.problem.isEmpty && taken.authenticated == time, "\(more): \(taken)")
            let usual = try await told(more, isFresh: false, .none)
            #expect(usual.problem.isEmpty && usual.authenticated == nil, "nobody knows how old that is")
        }
        #expect(try await told(["auth_time": time - 2], .required).authenticated == time - 2)
    }

    @Test("Metadata may lie elsewhere than below the issuer, and is still the issuer's own")
    func discovery() async throws {
        try await scripted.publish()
        let elsewhere = ScriptedProvider()
        try await elsewhere.answer(
            "/well/known?p=b2c_1_in",
            [
                "issuer": ScriptedProvider.issuer, "authorization_endpoint": "\(ScriptedProvider.issuer)/a?p=b2c_1_in",
                "token_endpoint": "\(ScriptedProvider.issuer)/t?p=b2c_1_in", "jwks_uri": "\(ScriptedProvider.issuer)/k",
            ])
        var settings = ProviderSettings(
            name: "p", issuer: Issuer(ScriptedProvider.issuer), clientID: "c", authentication: .none, scopes: [])
        settings.discoveryURL = ScriptedProvider.issuer + "/well/known?p=b2c_1_in"
        let login = PendingLogin(provider: "p", returnTo: "/", redirectURL: "https://a/cb", at: now)
        let provider = IdentityProvider(settings, transport: elsewhere) { [now] in now }
        let address = try await provider.authorizationURL(login)
        #expect(address.hasPrefix("https://provider.example/a?p=b2c_1_in&response_type=code"))
        settings.issuer = "https://other.example"
        let other = IdentityProvider(settings, transport: elsewhere) { [now] in now }
        await #expect(throws: LoginProblem.self) { try await other.authorizationURL(login) }
    }
}
