import Credentials
import Foundation
import HTTPTypes
import TestSupport
import Testing

@testable import AuthService

@Suite("Who is let in, and what a refusal looks like")
struct AuthorizationTests {
    @Test("A right password is 200 with who it is")
    func verified() async throws {
        let response = await Service.basic("alice", "pass:word").asked(of: try Service(), "/auth/verify")
        #expect(response.status == .ok && response.body.isEmpty)
        #expect(response.headers[FieldNames.remoteUser] == "alice")
        #expect(response.headers[FieldNames.remoteGroups] == "admins,a%2Cb", "a comma in a name makes no second group")
        #expect(response.headers[FieldNames.remoteEmail] == "alice@example.org")
        #expect(response.headers[FieldNames.remoteName] == "Alice é")
    }

    @Test("The header fields that the service names have valid names")
    func fieldNames() {
        #expect(FieldNames.all.allSatisfy { $0 != nil })
    }

    @Test("Unknown user, wrong password, disabled account, malformed header, revoked key: the very same answer")
    func noOracle() async throws {
        let service = try Service()
        let (key, id) = try await service.createKey()
        _ = await service.ask(.delete, "/zot/auth/apikey?id=\(id)", authorization: Service.basic("alice", "pass:word"))
        let refused = [
            Service.basic("nobody", "x"), Service.basic("alice", "x"), Service.basic("disabled", "x"),
            Service.basic("alice", key), Service.basic("", "x"), Service.basic("alice", ""),
            Service.basic("alice", "a\0b"),
            Service.basic("alice", String(repeating: "x", count: 4097)), Service.basic("a\nb", "x"),
            Service.basic(String(repeating: "x", count: 10_000), "x"), Service.basic("*)(uid=*", "x"), "Basic",
            "Basic !!!",
            "Basic " + Data("no colon".utf8).base64EncodedString(),
            "Basic " + Data([0xFF, 0x3A, 0xFE]).base64EncodedString(),
            "Bearer abc", "Digest x", "", "Basic " + String(repeating: "A", count: 1_000_000),
        ]
        var answers: Set<String> = []
        for authorization in refused {
            let response = await service.ask(.get, "/v2/", authorization: authorization)
            answers.insert("\(response.status) \(response.headers) \(response.text)")
        }
        #expect(answers.count == 1, "\(answers)")
        #expect(answers.first?.contains("401") == true)
    }

    @Test("A 401 has a challenge of RFC 7617, but for zot's own page")
    func challenge() async throws {
        let service = try Service()
        let response = await service.ask(.get, "/v2/")
        #expect(response.status == .unauthorized && response.errorCode == "UNAUTHORIZED")
        #expect(response.headers[.wwwAuthenticate] == #"Basic realm="the \"realm\"", charset="UTF-8""#)
        var headers: HTTPFields = [:]
        headers[HTTPField.Name(FieldNames.zotClient)] = "zot-ui"
        #expect(await service.ask(.get, "/v2/", headers: headers).headers[.wwwAuthenticate] == nil)
    }

    @Test("Two Authorization headers are refused, even if both are right")
    func twoHeaders() async throws {
        let right = Service.basic("alice", "pass:word")
        let response = await (try Service()).ask(
            .get, "/auth/verify", authorization: right,
            headers: HTTPFields([HTTPField(name: .authorization, value: right)]))
        #expect(response.status == .unauthorized)
    }

    @Test("An API key as a bearer token is its owner's, wherever a password would be taken, and nothing else is one")
    func bearer() async throws {
        let service = try Service(throttle: ThrottleOptions())
        let (key, id) = try await service.createKey(#"{"scopes": ["app:read"]}"#)
        for scheme in ["Bearer", "bearer", "BEARER "] {
            let response = await service.ask(.get, "/v2/", authorization: "\(scheme) \(key)")
            #expect(response.status == .ok, "\(scheme)")
        }
        let who = try await service.ask(.get, "/auth/whoami", authorization: "Bearer \(key)").object()
        #expect(who["userName"] as? String == "alice" && who["method"] as? String == "apikey")
        let verify = "/auth/verify?scope=app:"
        #expect(await service.ask(.get, verify + "read", authorization: "Bearer \(key)").status == .ok)
        #expect(await service.ask(.get, verify + "create", authorization: "Bearer \(key)").status == .forbidden)
        for wrong in [
            "Bearer", "Bearer ", "Bearer pass:word", "Bearer \(key)0", "Bearer \(key.uppercased())", "Bearer \(key) x",
            "Token \(key)", "Bearer zak_\(String(repeating: "0", count: 32))",
        ] {
            #expect(await service.ask(.get, "/v2/", authorization: wrong).status == .unauthorized, "\(wrong)")
        }
        // The failures of one bearer slow down no other.
        for _ in 0..<6 {
            _ = await service.ask(
                .get, "/v2/", authorization: "Bearer zak_\(String(repeating: "1", count: 32))")
        }
        #expect(await service.ask(.get, "/v2/", authorization: "Bearer \(key)").status == .ok)
        _ = await service.ask(.delete, "/zot/auth/apikey?id=\(id)", authorization: Service.basic("alice", "pass:word"))
        #expect(await service.ask(.get, "/v2/", authorization: "Bearer \(key)").status == .unauthorized)
        let users = service.audited.compactMap { event -> UserName?? in
            if case .refusal(.keyRevoked) = event.action { event.userName } else { nil }
        }
        #expect(users == [nil], "a bearer names nobody")
    }

    @Test("An outage is 503 with Retry-After, and tells no server's name")
    func outage() async throws {
        let response = await Service.basic("outage", "x").asked(of: try Service(), "/auth/verify")
        #expect(response.status == .serviceUnavailable && response.headers[.retryAfter] != nil)
        #expect(!response.text.contains("example") && response.headers[.wwwAuthenticate] == nil)
    }

    @Test("A request without a credential gets its challenge at once, a refused one waits")
    func failDelay() async throws {
        let clock = ContinuousClock()
        let start = clock.now
        _ = await (try Service(failDelay: .seconds(600))).ask(.get, "/v2/")
        #expect(clock.now - start < .seconds(300))
        let service = try Service(failDelay: .milliseconds(150))
        let wrong = clock.now
        _ = await service.ask(.get, "/v2/", authorization: "Bearer x")
        #expect(clock.now - wrong >= .milliseconds(150))
    }

    @Test("whoami is the principal as JSON, /v2/ greets a registry's client, unknown paths are 404 in JSON")
    func otherRoutes() async throws {
        let service = try Service()
        let right = Service.basic("alice", "pass:word")
        let object = try await service.ask(.get, "/auth/whoami", authorization: right).object()
        #expect(object["userName"] as? String == "alice" && object["method"] as? String == "password")
        #expect(object["groups"] as? [String] == ["cn=admins,dc=x", "cn=a\\,b,dc=x"])
        let ping = await service.ask(.get, "/v2/", authorization: right)
        #expect(ping.status == .ok && ping.headers[FieldNames.registryVersion] == "registry/2.0")
        for path in ["/", "/v2/_catalog", "/auth/verify/", "/zot", "//"] {
            let response = await service.ask(.get, path, authorization: right)
            #expect(response.status == .notFound && response.errorCode == "NOT_FOUND", "\(path)")
        }
        #expect(await service.ask(.put, "/v2/", authorization: right).headers[.allow] == "GET, HEAD, OPTIONS")
        #expect(await service.ask(.get, "/healthz").status == .ok)
        #expect(try await service.ask(.get, "/readyz").object()["status"] as? String == "ready")
    }

    @Test(
        "Any method may be verified",
        arguments: [HTTPRequest.Method.get, .head, .post, .put, .delete, .options, .patch])
    func methods(method: HTTPRequest.Method) async throws {
        let service = try Service()
        #expect(
            await service.ask(method, "/auth/verify", authorization: Service.basic("alice", "pass:word")).status == .ok)
        #expect(await service.ask(method, "/auth/verify").status == .unauthorized)
    }

    @Test("The decision of a known key without waiting is the same as with it")
    func known() async throws {
        let service = try Service()
        let (key, _) = try await service.createKey()
        let authorization = Service.basic("alice", key)
        for target in ["/auth/verify", "/v2/", "/auth/verify?u=/x?y=1"] {
            let request = AuthRequest(method: .get, target: target, headers: [.authorization: authorization], peer: nil)
            let slow = await service.ask(.get, target, authorization: authorization)
            let fast = try #require(service.service.answerIfKnown(request))
            #expect(slow.status == .ok && slow.headers == fast.headers && slow.body == fast.body)
        }
        let wrong = AuthRequest(
            method: .get, target: "/v2/", headers: [.authorization: Service.basic("bob", key)], peer: nil)
        #expect(service.service.answerIfKnown(wrong) == nil)
    }

    @Test("Decisions are audited with who, from where and why, and never with a secret")
    func audit() async throws {
        let service = try Service(trustedProxies: ["192.0.2.1"])
        var headers: HTTPFields = [:]
        headers[HTTPField.Name(ForwardingField.forwardedFor.rawValue)] = "203.0.113.9"
        headers[HTTPField.Name(FieldNames.requestID)] = "request-7"
        _ = await service.ask(.get, "/v2/", authorization: Service.basic("alice", "hunter2"), headers: headers)
        let (key, _) = try await service.createKey()
        let events = service.audited
        #expect(events.first?.userName == "alice" && events.first?.client?.description == "203.0.113.9")
        #expect(events.first?.action == .refusal(.wrongPassword) && events.first?.requestID == "request-7")
        #expect(events.map(\.action.name) == ["refusal", "login", "key-created"])
        #expect(!"\(events)".contains("hunter2") && !"\(events)".contains(key.dropFirst(4)))
    }

    @Test("No random header makes the reader crash")
    func random() async throws {
        let service = try Service()
        let alphabet = Array("Basic QWxpY2U6cGFzcw== :,;=\u{0}é\t")
        for _ in 0..<1500 {
            var header = String((0..<Int.random(in: 0...30)).map { _ in alphabet.randomElement() ?? "x" })
            if Bool.random() {
                header =
                    "Basic "
                    + Data((0..<Int.random(in: 0...20)).map { _ in UInt8.random(in: 0...255) }).base64EncodedString()
            }
            #expect(await service.ask(.get, "/auth/verify", authorization: header).status == .unauthorized)
        }
    }
}

extension String {
    /// The answer to a GET with this Authorization header.
    func asked(of service: Service, _ target: String) async -> AuthResponse {
        await service.ask(.get, target, authorization: self)
    }
}
