import AccessControl
import Credentials
import Foundation
import HTTPTypes
import RegistryTokens
import TestSupport
import Testing

@testable import AuthService

@Suite("The token endpoint")
struct TokenTests {
    private static let alice = Service.basic("alice", "pass:word")

    private func service(_ access: AccessRules = .open, passwords: Bool = true) async throws -> Service {
        let (key, certificate) = try TokenKey.make(.es256, name: "test", at: .now)
        let options = TokenIssuer.Options(issuer: "me", services: ["registry", "other"])
        let issuer = try await TokenIssuer(options: options, signing: try TokenKey(key: key, certificate: certificate))
        return try Service(access: access, tokens: issuer)
    }

    private func access(_ response: AuthResponse) throws -> String {
        try #require(try response.object()["scope"] as? String)
    }

    private func claim(_ response: AuthResponse, _ name: String) throws -> String? {
        let token = try #require(try response.object()["token"] as? String)
        let text = token.split(separator: ".")[1].replacing("-", with: "+").replacing("_", with: "/")
        let data = Data(base64Encoded: text + String(repeating: "=", count: (4 - text.count % 4) % 4))
        let claims = try JSONSerialization.jsonObject(with: try #require(data)) as? [String: Any]
        return claims?[name] as? String
    }

    private func form(_ pairs: [(String, String)]) -> String {
        pairs.map { "\($0)=\($1.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")" }.joined(
            separator: "&")
    }

    @Test("GET as docker asks it, at each of the two paths, by password, key and bearer")
    func get() async throws {
        let service = try await service()
        let (key, _) = try await service.createKey(#"{"scopes": ["a:read"]}"#)
        for path in ["/auth/token", "/zot/auth/token"] {
            let query = "?account=alice&scope=repository%3Aa%3Apull%2Cpush&scope=repository:b:pull&service=registry"
            let response = await service.ask(.get, path + query, authorization: Self.alice)
            let body = try response.object()
            #expect(response.status == .ok && response.headers[.cacheControl] == "no-store")
            #expect(body["token"] as? String == body["access_token"] as? String && body["expires_in"] as? Int == 300)
            #expect(body["refresh_token"] == nil && (body["issued_at"] as? String)?.hasSuffix("Z") == true)
            #expect(try access(response) == "repository:a:pull,push repository:b:pull")
            for authorization in [Service.basic("alice", key), "Bearer \(key)"] {
                let scoped = await service.ask(.get, path + query, authorization: authorization)
                #expect(try scoped.status == .ok && access(scoped) == "repository:a:pull")
            }
        }
        // Several scopes in one parameter.
        let joined = await service.ask(
            .get, "/auth/token?service=registry&scope=repository:a:pull+repository:b:pull%20repository:c:pull",
            authorization: Self.alice)
        #expect(try access(joined) == "repository:a:pull repository:b:pull repository:c:pull")
        let none = await service.ask(.get, "/auth/token", authorization: Self.alice)
        #expect(try none.status == .ok && access(none).isEmpty, "docker login asks for nothing")
    }

    @Test(
        "A scope that can't be read grants nothing, and takes nothing from the others, in each form in which they come")
    func unreadableScopes() async throws {
        let service = try await service()
        let good = "repository:team/a:pull"
        for odd in [
            "openid", "offline_access", "x", "repository:team/a:", "artifact-repository:team/a:pull", ":::",
            "repository::pull",
            "repository:team/a", "repository:Team/A:pull", "é:☃:💥", "repository:b:pull\u{301}",
        ] {
            let encoded = FormText.escaped(odd)
            for query in [
                "scope=\(encoded)&scope=\(good)", "scope=\(good)&scope=\(encoded)", "scope=\(good)%20\(encoded)",
                "scope=\(encoded)+\(good)+\(encoded)", "scope=\(good)&client_id=x&whatever=y&scope=\(encoded)",
            ] {
                let get = await service.ask(.get, "/auth/token?service=registry&\(query)", authorization: Self.alice)
                #expect(try get.status == .ok && access(get) == good, "\(query) \(get.text)")
                let post = await service.ask(
                    .post, "/auth/token", authorization: Self.alice,
                    body: "grant_type=password&service=registry&\(query)")
                #expect(try post.status == .ok && access(post) == good, "\(query) \(post.text)")
            }
            let alone = await service.ask(.get, "/auth/token?scope=\(encoded)", authorization: Self.alice)
            #expect(try alone.status == .ok && access(alone).isEmpty, "\(odd)")
        }
    }

    @Test("Refusals are those of every door, and what is asked wrongly is 400")
    func refused() async throws {
        let service = try await service()
        let (key, id) = try await service.createKey()
        _ = await service.ask(.delete, "/zot/auth/apikey?id=\(id)", authorization: Self.alice)
        for (target, authorization, status) in [
            ("/auth/token", nil, 401), ("/auth/token", Service.basic("alice", "x"), 401),
            ("/auth/token", Service.basic("alice", key), 401), ("/auth/token", Service.basic("outage", "x"), 503),
            ("/auth/token?service=evil", Self.alice, 400),
            ("/auth/token?service=registry&service=other", Self.alice, 400),
            ("/auth/token?account=alice&account=bob", Self.alice, 400),
            ("/auth/token?scope=" + String(repeating: "repository:a:pull%20", count: 101), Self.alice, 400),
            ("/auth/token?scope=repository:a:pull", Self.alice, 200),
            ("/auth/token?scope=repository:A:pull", Self.alice, 200),
        ] as [(String, String?, Int)] {
            let response = await service.ask(.get, target, authorization: authorization)
            #expect(response.status.code == status, "\(target.prefix(60)) \(response.text)")
            if status == 401 { #expect(response.headers[.wwwAuthenticate]?.hasPrefix("Basic ") == true) }
        }
        #expect(await service.ask(.put, "/auth/token").status == .methodNotAllowed)
    }

    @Test("Nobody in particular gets what the anonymous policy grants, unless they say that they are somebody")
    func anonymous() async throws {
        let service = try await service(
            AccessRules(
                .init(repositories: [
                    .init("public/**", defaultPolicy: ActionSet([.read]), anonymousPolicy: ActionSet([.read]))
                ])))
        let query = "service=registry&scope=repository:public/a:pull,push&scope=repository:b:pull"
        let response = await service.ask(.get, "/auth/token?\(query)")
        #expect(try response.status == .ok && access(response) == "repository:public/a:pull")
        #expect(await service.ask(.get, "/auth/token?\(query)&account=alice").status == .unauthorized)
        #expect(
            await service.ask(.get, "/auth/token?\(query)", authorization: Service.basic("alice", "x")).status
                == .unauthorized)
        let closed = try await self.service()
        #expect(await closed.ask(.get, "/auth/token?\(query)").status == .unauthorized)
    }

    @Test("POST with a password, and a refresh token that dies with its key")
    func post() async throws {
        let service = try await service()
        let (key, id) = try await service.createKey(#"{"scopes": ["a:read"]}"#)
        let common = [
            ("service", "registry"), ("client_id", "docker"), ("scope", "repository:a:pull,push repository:b:pull"),
        ]
        func post(_ pairs: [(String, String)], authorization: String? = nil) async -> AuthResponse {
            await service.ask(.post, "/auth/token", authorization: authorization, body: form(pairs + common))
        }
        let password = await post([
            ("grant_type", "password"), ("username", "alice"), ("password", "pass:word"), ("access_type", "offline"),
        ])
        #expect(try password.status == .ok && access(password) == "repository:a:pull,push repository:b:pull")
        #expect(try password.object()["refresh_token"] == nil, "the directory can't tell when a password changes")
        let byKey = await post([
            ("grant_type", "password"), ("username", "alice"), ("password", key), ("access_type", "offline"),
        ])
        let refresh = try #require(try byKey.object()["refresh_token"] as? String)
        #expect(!refresh.contains(key.dropFirst(4)))
        let (longer, _) = try await service.createKey()
        let ofOther = try #require(
            try await service.ask(
                .get, "/auth/token?service=other&offline_token=true", authorization: "Bearer \(longer)"
            ).object()["refresh_token"] as? String)
        let query = "/auth/token?service=registry&offline_token=true"
        #expect(
            try await service.ask(.get, query, authorization: Service.basic("alice", key)).object()["refresh_token"]
                != nil)
        let counted = service.service.resolver.metrics.snapshot.authenticated
        let renewed = await post([("grant_type", "refresh_token"), ("refresh_token", refresh)])
        #expect(service.service.resolver.metrics.snapshot.authenticated == counted + 1)
        #expect(try renewed.status == .ok && access(renewed) == "repository:a:pull", "\(renewed.text)")
        let elsewhere = await service.ask(
            .post, "/auth/token",
            body: form([("grant_type", "refresh_token"), ("refresh_token", refresh), ("service", "other")]))
        #expect(elsewhere.status == .unauthorized)
        for (pairs, status) in [
            ([("grant_type", "password"), ("username", "alice"), ("password", "x")], 401),
            ([("grant_type", "password"), ("username", "alice")], 400), ([("grant_type", "refresh_token")], 400),
            ([("grant_type", "refresh_token"), ("refresh_token", "x")], 401),
            ([("grant_type", "client_credentials")], 400),
            ([], 400), ([("grant_type", "password"), ("grant_type", "refresh_token")], 400),
        ] {
            #expect(await post(pairs).status.code == status, "\(pairs)")
        }
        let both = await post(
            [("grant_type", "password"), ("username", "alice"), ("password", "pass:word")], authorization: Self.alice)
        #expect(both.status == .unauthorized, "two credentials")
        _ = await service.ask(.delete, "/zot/auth/apikey?id=\(id)", authorization: Self.alice)
        #expect(await post([("grant_type", "refresh_token"), ("refresh_token", refresh)]).status == .unauthorized)
        let quiet = await service.ask(
            .post, "/auth/token", body: form([("grant_type", "refresh_token"), ("refresh_token", ofOther)]))
        #expect(try claim(quiet, "aud") == "other", "without a service it is the one that it was made for")
        let long = await service.ask(.post, "/auth/token", body: String(repeating: "a", count: 65_537))
        #expect(long.status == .contentTooLarge)
    }

    @Test("The public keys are there for everybody; without a key that signs none of it is")
    func keys() async throws {
        let service = try await service()
        let response = await service.ask(.get, "/auth/jwks.json")
        #expect(response.status == .ok && response.text.contains(#""kty":"EC""#) && !response.text.contains(#""d":"#))
        let plain = try Service()
        for path in ["/auth/jwks.json", "/auth/token"] {
            #expect(await plain.ask(.get, path, authorization: Self.alice).status == .notFound)
        }
    }
}
