import AccessControl
import Credentials
import Foundation
import HTTPTypes
import TestSupport
import Testing

@testable import AuthService

@Suite("What proxies tell of the requests that they ask about")
struct ForwardingTests {
    private static let alice = Service.basic("alice", "pass:word")
    private static let bob = Service.basic("bob", "bob")

    private func fields(_ pairs: [(String, String)]) throws -> HTTPFields {
        HTTPFields(try pairs.map { HTTPField(name: try #require(HTTPField.Name($0.0)), value: $0.1) })
    }

    private func problem(
        _ pairs: [(String, String)], expected: [ForwardingField] = [], peer: String? = "10.0.0.1", asks: Bool = true
    ) throws -> String? {
        let forwarding = Forwarding(trustedProxies: [try #require(IPNetwork("10.0.0.0/8"))], fields: expected)
        let request = AuthRequest(
            method: .get, target: "/", headers: try fields(pairs), peer: peer.flatMap { IPAddress($0) })
        return forwarding.problem(with: request, isForwardAuth: asks)
    }

    @Test("Each field is known in its own spelling in any case, and none other is")
    func spelling() throws {
        for field in ForwardingField.allCases {
            for name in [field.rawValue, field.rawValue.lowercased(), field.rawValue.uppercased()] {
                let found = try #require(ForwardingField.find(name))
                #expect(found.field == field && found.spelling == .right)
            }
            guard field != .forwarded else { continue }
            for name in [
                field.rawValue.replacing("-", with: "_"), field.rawValue.replacing("-", with: "_", maxReplacements: 1),
            ] {
                #expect(ForwardingField.find(name)?.spelling == .underscored, "\(name)")
                #expect(try problem([(name, "x")])?.contains("underscores") == true)
                #expect(try problem([(name, "x")], peer: "192.0.2.1") == nil, "nothing of it is believed anyway")
            }
        }
        for name in ["", "x", "Host", "X-Forwarded-Fox", "X-Forwarded-For-", "Forwarder", "X@Forwarded-For"] {
            #expect(ForwardingField.find(name) == nil, "\(name)")
        }
        // Not even a letter's neighbour 32 code points on is taken for it.
        #expect(ForwardingField.find("X\u{0D}Forwarded-For") == nil && ForwardingField.find("FORWARDE\u{04}") == nil)
    }

    @Test("What stands twice is refused, but for lists, and so is Forwarded beside the fields of the other kind")
    func repeated() throws {
        for field in ForwardingField.allCases {
            let both = try problem([(field.rawValue, "a"), (field.rawValue.lowercased(), "a")])
            #expect((both == nil) == field.isList, "\(field)")
        }
        for field in [ForwardingField.forwardedFor, .forwardedHost, .forwardedProto] {
            let pairs = [("Forwarded", "for=192.0.2.1"), (field.rawValue, "x")]
            #expect(try problem(pairs)?.contains("forwardingFields") == true)
            #expect(try problem(pairs, expected: [field]) == nil, "the operator has said which")
            #expect(try problem(pairs, peer: nil) != nil, "a Unix socket is a proxy's")
        }
    }

    @Test("Where the operator says what the proxy sends, a request without it is refused, and nothing else is believed")
    func expected() throws {
        let fields: [ForwardingField] = [.forwardedFor, .originalMethod, .originalURI]
        let whole = [("X-Forwarded-For", "192.0.2.7"), ("X-Original-Method", "GET"), ("X-Original-URI", "/")]
        #expect(try problem(whole, expected: fields) == nil)
        for index in whole.indices {
            var some = whole
            some.remove(at: index)
            #expect(try problem(some, expected: fields)?.contains(whole[index].0) == true)
            #expect(try problem(some, expected: fields, asks: false) == nil, "another route")
        }
        let forwarding = Forwarding(trustedProxies: [try #require(IPNetwork("10.0.0.0/8"))], fields: fields)
        let spoofed = AuthRequest(
            method: .get, target: "/", headers: try self.fields(whole + [("Forwarded", "for=6.6.6.6")]),
            peer: IPAddress("10.0.0.1"))
        #expect(forwarding.client(of: spoofed)?.description == "192.0.2.7")
    }

    @Test("Hosts compare without case, final dot and default port, and are told by one voice")
    func hosts() throws {
        #expect(OriginalHost("App.Example.ORG.:443") == OriginalHost("app.example.org"))
        #expect(OriginalHost("app.example.org:80") == OriginalHost("app.example.org"))
        #expect(OriginalHost("app.example.org:8443") != OriginalHost("app.example.org"))
        for text in ["", ".", "a b", "a/b", "a,b", "ä", "a@b"] { #expect(OriginalHost(text) == nil, "\(text)") }
        let forwarding = Forwarding(trustedProxies: [])
        func told(_ pairs: [(String, String)]) throws -> OriginalHost? {
            OriginalHost(
                AuthRequest(method: .get, target: "/", headers: try fields(pairs), peer: nil), forwarding)
        }
        let app = OriginalHost("app")
        #expect(try told([("X-Forwarded-Host", "App")]) == app)
        #expect(try told([("Forwarded", "for=1.1.1.1;host=evil, for=2.2.2.2;host=\"app:443\"")]) == app)
        #expect(try told([("X-Original-URL", "https://app/x?y=//z")]) == app)
        #expect(try told([("X-Original-URL", "https://app/"), ("X-Forwarded-Host", "app")]) == app)
        #expect(try told([("X-Original-URL", "https://app/"), ("X-Forwarded-Host", "other")]) == nil)
        #expect(try told([("X-Forwarded-Host", "app, app")]) == nil)
        #expect(try told([]) == nil)
    }

    @Test("The demands of the query: one of several groups, rights as a scope, a host")
    func demands() async throws {
        let service = try Service(trustedProxies: ["10.0.0.1"])
        let (key, _) = try await service.createKey(#"{"scopes": ["app:read"]}"#)
        let (free, _) = try await service.createKey()
        let cases: [(String, String, Int)] = [
            ("group=admins", Self.alice, 200), ("group=nobodys&group=admins", Self.alice, 200),
            ("group=cn%3Dadmins,dc%3Dx", Self.alice, 200), ("group=a%2Cb", Self.alice, 200),
            ("group=a", Self.alice, 403), ("group=admins", Self.bob, 403), ("group=admins", "", 401),
            ("group=admins", Service.basic("alice", free), 200), ("group=admins", Service.basic("alice", key), 403),
            ("scope=app", Service.basic("alice", key), 200), ("scope=app:read", Service.basic("alice", key), 200),
            ("scope=app:read,create", Service.basic("alice", key), 403), ("scope=b", Service.basic("alice", key), 403),
            ("scope=app&scope=b", Service.basic("alice", key), 403), ("scope=b:delete", Self.alice, 200),
            ("scope=app&group=admins", Service.basic("alice", key), 200),
            ("scope=app&group=x", Service.basic("alice", key), 403),
        ]
        for (query, authorization, status) in cases {
            let response = await service.ask(
                .get, "/auth/verify?\(query)", authorization: authorization.isEmpty ? nil : authorization)
            #expect(response.status.code == status, "\(query) \(response.text)")
        }
        let host = try fields([("X-Forwarded-Host", "app.example.org:443")])
        for (query, peer, status) in [
            ("host=App.example.org", "10.0.0.1", 200), ("host=a&host=app.example.org", "10.0.0.1", 200),
            ("host=a", "10.0.0.1", 403), ("host=app.example.org", "10.0.0.2", 400),
        ] {
            let response = await service.ask(
                .get, "/auth/verify?\(query)", authorization: Self.alice, headers: host, peer: peer)
            #expect(response.status.code == status, "\(query) \(peer)")
        }
        let reasons = service.audited.compactMap { event -> String? in
            if case .denied(_, let reason) = event.action { reason } else { nil }
        }
        #expect(reasons.contains("bob is in none of the groups admins"))
    }

    @Test("Every answer of forward authentication says that no cache may keep it")
    func caching() async throws {
        let service = try Service(trustedProxies: ["10.0.0.1"])
        for target in ["/auth/verify", "/auth/authz/", "/auth/authz/any/path?group=x"] {
            for (authorization, headers, status) in [
                (Self.alice, HTTPFields(), 200), (Service.basic("alice", "x"), [:], 401), (nil, [:], 401),
                (Service.basic("outage", "x"), [:], 503), (Self.alice, try fields([("X_Forwarded_Uri", "/")]), 400),
            ] as [(String?, HTTPFields, Int)] {
                let response = await service.ask(
                    .get, target, authorization: authorization, headers: headers, peer: "10.0.0.1")
                #expect(response.status.code == status, "\(target)")
                #expect(response.headers[.cacheControl] == "no-store", "\(target) \(status)")
                #expect(response.headers[values: .vary].contains("Authorization, Cookie"), "\(target) \(status)")
            }
        }
    }

    @Test("In Envoy's path form whatever the client asks for demands nothing and names no resource")
    func pathForm() async throws {
        let service = try Service(trustedProxies: ["10.0.0.1"])
        let (key, _) = try await service.createKey(#"{"scopes": ["app"]}"#)
        for path in [
            "", "v2/app/tags/list", "x?repository=app&action=read", "../verify?registry", "%2e%2e/zot/auth/apikey",
        ] {
            let target = "/auth/authz/\(path)"
            for method in [HTTPRequest.Method.get, .post, .delete, .options] {
                #expect(await service.ask(method, target, authorization: Self.alice).status == .ok, "\(target)")
            }
            #expect(await service.ask(.get, target, authorization: Service.basic("alice", key)).status == .forbidden)
            #expect(await service.ask(.get, target).status == .unauthorized)
        }
        #expect(await service.ask(.get, "/auth/authzx", authorization: Self.alice).status == .notFound)
        #expect(await service.ask(.get, "/auth/authz", authorization: Self.alice).status == .notFound)
    }

    @Test("A registry's request comes at the end of Envoy's path too, with the client's own method")
    func registryBehindEnvoy() async throws {
        let service = try Service(trustedProxies: ["10.0.0.1"])
        let (key, _) = try await service.createKey(#"{"scopes": ["app:read"]}"#)
        let scoped = Service.basic("alice", key)
        for (method, address, status) in [
            (HTTPRequest.Method.get, "/v2/app/tags/list", 200), (.get, "/v2/app/tags/list?n=1&u=2", 200),
            (.put, "/v2/app/manifests/latest", 403), (.get, "/v2/b/tags/list", 403),
            (.get, "/v2/b/tags/list?repository=app&action=read", 403), (.get, "/v2//app/tags/list", 400),
            (.get, "/v2/app%2ftags/list", 400), (.get, "", 400),
        ] {
            let response = await service.ask(
                method, "/auth/verify?registry&u=\(address)", authorization: scoped, peer: "10.0.0.1")
            #expect(response.status.code == status, "\(method) \(address) \(response.text)")
        }
        let stranger = await service.ask(
            .get, "/auth/verify?registry&u=/v2/app/tags/list", authorization: scoped, peer: "10.0.0.2")
        #expect(stranger.status == .badRequest)
    }

    @Test("nginx's ingress controller hands the whole address on")
    func originalURL() async throws {
        let service = try Service(trustedProxies: ["10.0.0.1"])
        for (url, status) in [
            ("https://r.example.org/v2/a/tags/list", 200), ("http://r/v2/a/tags/list?n=1", 200),
            ("https://r/v2/../a", 400), ("/v2/a/tags/list", 400), ("https:///v2/a/tags/list", 400),
            ("https://u@r/v2/a/tags/list", 400), ("https://r", 400), ("ftp://r/v2/", 400),
        ] {
            let headers = try fields([("X-Original-Method", "GET"), ("X-Original-URL", url)])
            let response = await service.ask(
                .get, "/auth/verify?registry", authorization: Self.alice, headers: headers, peer: "10.0.0.1")
            #expect(response.status.code == status, "\(url) \(response.text)")
        }
        let both = try fields([
            ("X-Original-Method", "GET"), ("X-Original-URL", "https://r/v2/"), ("X-Original-URI", "/v2/"),
        ])
        let response = await service.ask(
            .get, "/auth/verify?registry", authorization: Self.alice, headers: both, peer: "10.0.0.1")
        #expect(response.status == .badRequest)
    }

    @Test("No text of Forwarded crashes its reader, and what is quoted is read whole")
    func forwardedFuzz() throws {
        #expect(
            ForwardedElement.all(try fields([("Forwarded", #"for="a,b;c\"d";host=x, for=e"#)])).map {
                $0.value(of: "for")
            } == ["a,b;c\"d", "e"])
        var random = Seeded.announced()
        for _ in 0..<5000 {
            let text = String(
                (0..<Int.random(in: 0...30, using: &random)).map { _ in
                    #"fForhst=;,"\ .:[]1"#.randomElement(using: &random) ?? "a"
                })
            for element in ForwardedElement.all(try fields([("Forwarded", text)])) { _ = element.value(of: "for") }
        }
    }
}
