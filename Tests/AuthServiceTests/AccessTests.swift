import AccessControl
import Credentials
import Foundation
import HTTPTypes
import TestSupport
import Testing

@testable import AuthService

@Suite("What somebody may do: at /auth/verify, /v2/ and /metrics")
struct AccessTests {
    private static let alice = Service.basic("alice", "pass:word")
    private static let digest = "sha256:" + String(repeating: "0", count: 64)

    private static func rules(_ repositories: AccessConfiguration.Repositories...) throws -> AccessRules {
        try AccessRules(.init(repositories: repositories))
    }

    /// Both ways to an answer: the long one, and the one that never waits where it knows.
    private func ask(
        _ service: Service, _ target: String, _ authorization: String?, _ headers: HTTPFields = [:],
        peer: String = "10.0.0.1"
    ) async -> AuthResponse {
        let slow = await service.ask(.get, target, authorization: authorization, headers: headers, peer: peer)
        var all = headers
        if let authorization { all[.authorization] = authorization }
        let request = AuthRequest(method: .get, target: target, headers: all, peer: IPAddress(peer))
        let loop = service.service.newLoop()
        // The second time the loop knows them.
        for _ in 0..<2 {
            guard let fast = service.service.answerIfKnown(request, on: loop) else { break }
            #expect(fast.status == slow.status && fast.headers == slow.headers && fast.body == slow.body, "\(target)")
        }
        return slow
    }

    private func nginx(_ method: String, _ uri: String) throws -> HTTPFields {
        [
            try #require(HTTPField.Name("X-Original-Method")): method,
            try #require(HTTPField.Name("X-Original-URI")): uri,
        ]
    }

    @Test("A key with scopes is good where the resource is known and within them, and 403 with the reason elsewhere")
    func scopes() async throws {
        let service = try Service(trustedProxies: ["10.0.0.1"])
        let (key, _) = try await service.createKey(#"{"scopes": ["team/**:read,create", "app"]}"#)
        let scoped = Service.basic("alice", key)
        let none = await ask(service, "/auth/verify", scoped)
        #expect(
            none.status == .forbidden && none.errorCode == "DENIED"
                && none.text.contains("does not say which repository"))
        for (method, uri, isAllowed) in [
            ("GET", "/v2/team/a/manifests/latest", true), ("PUT", "/v2/team/a/manifests/\(Self.digest)", true),
            ("PUT", "/v2/team/a/manifests/latest", false), ("DELETE", "/v2/team/a/manifests/latest", false),
            ("DELETE", "/v2/app/manifests/latest", true), ("GET", "/v2/apps/manifests/latest", false),
            ("POST", "/v2/team/a/blobs/uploads/?mount=\(Self.digest)&from=app", true),
            ("POST", "/v2/team/a/blobs/uploads/?mount=\(Self.digest)&from=other", false),
            ("GET", "/v2/", true), ("GET", "/v2/_catalog", false),
        ] {
            let response = try await ask(service, "/auth/verify?registry", scoped, nginx(method, uri))
            #expect(response.status == (isAllowed ? .ok : .forbidden), "\(method) \(uri)")
            // Whoever is not limited may all of it without access control.
            #expect(try await ask(service, "/auth/verify?registry", Self.alice, nginx(method, uri)).status == .ok)
        }
        for target in ["/v2/", "/auth/whoami"] { #expect(await ask(service, target, scoped).status == .ok) }
        for (query, status) in [
            ("repository=team/a&action=read", 200), ("repository=team%2Fa&action=read&action=create", 200),
            ("repository=team/a&action=read&action=delete", 403), ("repository=team/a&repository=b&action=read", 403),
        ] {
            #expect(await ask(service, "/auth/verify?\(query)", scoped).status.code == status, "\(query)")
        }
        let reasons = service.audited.compactMap { event -> String? in
            if case .denied(_, let reason) = event.action { reason } else { nil }
        }
        #expect(reasons.contains("no scope of the key (team/**:read,create app) leaves `delete` on `team/a` to it"))
    }

    @Test(
        "A demand that is not clear is 400, and never dropped",
        arguments: [
            "repository=a", "action=read", "repository=A&action=read", "repository=a&action=pull", "registry=1",
            "registri",
            "registry&repository=a&action=read", "repository=a&action=read&x=1", "group=", "scope=A:read",
            "scope=a:pull", "scope=a:", "scope=a:read,", "scope=", "host=", "host=a/b", "registry&scope=a:read",
            "repository=%zz&action=read",
            "repository=a+b&action=read", "repository=a&action=", "repository=&action=read",
        ])
    func unclear(query: String) async throws {
        let service = try Service(trustedProxies: ["10.0.0.1"])
        let response = await ask(service, "/auth/verify?\(query)", Self.alice, try nginx("GET", "/v2/a/tags/list"))
        #expect(response.status == .badRequest && response.errorCode == "BAD_REQUEST", "\(query)")
        // Whoever has shown nothing learns no more than that.
        #expect(await ask(service, "/auth/verify?\(query)", Service.basic("alice", "x")).status == .unauthorized)
    }

    @Test("What a client puts behind the address that it asks for names no resource")
    func envoy() async throws {
        let service = try Service()
        let (key, _) = try await service.createKey(#"{"scopes": ["mine"]}"#)
        let target = "/auth/verify?u=/secret&repository=mine&action=read"
        #expect(await ask(service, target, Service.basic("alice", key)).status == .forbidden)
        #expect(await ask(service, target, Self.alice).status == .ok)
    }

    @Test("The original request is believed of a trusted proxy alone, and only where it is told once")
    func originals() async throws {
        let service = try Service(trustedProxies: ["10.0.0.1"])
        let good = try nginx("GET", "/v2/a/tags/list")
        #expect(await ask(service, "/auth/verify?registry", Self.alice, good).status == .ok)
        #expect(await ask(service, "/auth/verify?registry", Self.alice, good, peer: "10.0.0.2").status == .badRequest)
        var forwarded: HTTPFields = [:]
        forwarded[try #require(HTTPField.Name("X-Forwarded-Method"))] = "GET"
        forwarded[try #require(HTTPField.Name("X-Forwarded-Uri"))] = "/v2/a/tags/list"
        #expect(await ask(service, "/auth/verify?registry", Self.alice, forwarded).status == .ok)
        var both = good
        for field in forwarded { both.append(field) }
        var twice = good
        twice.append(HTTPField(name: try #require(HTTPField.Name("x-original-uri")), value: "/v2/b/tags/list"))
        var half = good
        half[try #require(HTTPField.Name("X-Original-Method"))] = nil
        for headers in [both, twice, half, [:]] {
            #expect(
                await ask(service, "/auth/verify?registry", Self.alice, headers).status == .badRequest, "\(headers)")
        }
        for uri in ["/v2/a/../b/tags/list", "/v2/a%2fb/tags/list", "/v2/A/tags/list", "/x", ""] {
            let response = try await ask(service, "/auth/verify?registry", Self.alice, nginx("GET", uri))
            #expect(response.status == .badRequest, "\(uri)")
        }
    }

    @Test("The operator's policy holds at each way in, for passwords and keys alike")
    func policy() async throws {
        let dn: GroupName = "cn=admins,dc=x"
        let rules = try Self.rules(
            .init("**", defaultPolicy: .init([.read])),
            .init("team/**", policies: [.init(groups: [dn], actions: .init([.read, .create, .update]))]))
        let service = try Service(trustedProxies: ["10.0.0.1"], access: rules)
        let (key, _) = try await service.createKey()
        for authorization in [Self.alice, Service.basic("alice", key)] {
            for (method, uri, status) in [
                ("PUT", "/v2/team/a/manifests/latest", 200), ("DELETE", "/v2/team/a/manifests/latest", 403),
                ("GET", "/v2/b/manifests/latest", 200), ("PUT", "/v2/b/manifests/latest", 403),
            ] {
                let response = try await ask(service, "/auth/verify?registry", authorization, nginx(method, uri))
                #expect(response.status.code == status, "\(method) \(uri)")
            }
        }
        let denied = try await ask(
            service, "/auth/verify?registry", Self.alice, nginx("DELETE", "/v2/team/a/manifests/x"))
        #expect(denied.text.contains("no policy of `team/**` grants `delete` to alice"))
        #expect(
            try await ask(service, "/auth/verify?registry", nil, nginx("GET", "/v2/b/manifests/x")).status
                == .unauthorized)
        #expect(await ask(service, "/v2/", nil).status == .unauthorized)
        #expect(await service.ask(.get, "/metrics").text.contains("latchkey_access_denied_total "))
    }

    @Test(
        "Where a policy lets anonymous in, they may what it grants, a wrong credential is 401, and docker is asked for its own"
    )
    func anonymous() async throws {
        let rules = try Self.rules(
            .init("**", defaultPolicy: .init([.read, .create])), .init("open/**", anonymousPolicy: .init([.read])))
        let service = try Service(trustedProxies: ["10.0.0.1"], access: rules)
        let ping = await ask(service, "/v2/", nil)
        #expect(ping.status == .ok && ping.headers[.wwwAuthenticate]?.hasPrefix("Basic ") == true)
        #expect(await ask(service, "/v2/", "Basic Og==").status == .ok)
        #expect(await ask(service, "/v2/", Service.basic("alice", "x")).status == .unauthorized)
        #expect(await ask(service, "/v2/", "Basic !").status == .unauthorized)
        let pull = try await ask(service, "/auth/verify?registry", nil, nginx("GET", "/v2/open/a/manifests/x"))
        let names = [FieldNames.remoteUser, FieldNames.remoteGroups, FieldNames.remoteName, FieldNames.remoteEmail]
        #expect(pull.status == .ok && names.allSatisfy { pull.headers[$0] == "" })
        for (method, uri) in [("PUT", "/v2/open/a/manifests/x"), ("GET", "/v2/a/manifests/x"), ("GET", "/v2/_catalog")]
        {
            #expect(try await ask(service, "/auth/verify?registry", nil, nginx(method, uri)).status == .unauthorized)
        }
        #expect(await ask(service, "/auth/verify", nil).status == .unauthorized)
        #expect(await ask(service, "/auth/whoami", nil).status == .unauthorized)
        // Authenticated users do not get what is for anonymous.
        let hers = try await ask(service, "/auth/verify?registry", Self.alice, nginx("GET", "/v2/open/a/manifests/x"))
        #expect(hers.status == .forbidden)
        for (agent, status) in [
            ("docker/27.0 go/1.22", 401), ("x (Docker-Client/27)", 401), ("podman/5", 200), ("curl/8", 200),
        ] {
            let headers: HTTPFields = [.userAgent: agent]
            #expect(await ask(service, "/v2/", nil, headers).status.code == status, "\(agent)")
            var original = try nginx("GET", "/v2/")
            original[.userAgent] = agent
            #expect(await ask(service, "/auth/verify?registry", nil, original).status.code == status, "\(agent)")
        }
        let only = try Service(access: Self.rules(.init("**", anonymousPolicy: .init([.read]))))
        #expect(await ask(only, "/v2/", nil, [.userAgent: "docker/27"]).status == .ok)
    }

    @Test("Who may read the metrics, the operator says")
    func metrics() async throws {
        let named = try Service(metricsAccess: .init(users: ["prometheus"]))
        #expect(await named.ask(.get, "/metrics").status == .unauthorized)
        #expect(await named.ask(.get, "/metrics", authorization: Self.alice).status == .forbidden)
        let hers = try Service(metricsAccess: .init(users: ["alice"]))
        #expect(await hers.ask(.get, "/metrics", authorization: Self.alice).status == .ok)
        #expect(await hers.ask(.get, "/metrics", authorization: Service.basic("alice", "x")).status == .unauthorized)
        let open = try Service(metricsAccess: .init(isOpen: true))
        #expect(await open.ask(.get, "/metrics").status == .ok)
    }

    @Test(
        "A scope that can't match anything is refused when the key is made, and one that is stored is shown",
        arguments: [
            #"{"scopes": ["Team"]}"#, #"{"scopes": ["a["]}"#, #"{"scopes": ["repo:pull"]}"#,
            #"{"scopes": ["ok", "a//b"]}"#,
            #"{"scopes": [""]}"#,
        ])
    func strict(body: String) async throws {
        let service = try Service()
        let response = await service.ask(.post, "/zot/auth/apikey", authorization: Self.alice, body: body)
        #expect(response.status == .badRequest && response.text.contains("scope"), "\(response.text)")
    }
}
