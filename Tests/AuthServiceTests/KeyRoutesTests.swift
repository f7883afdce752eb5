import APIKeys
import Credentials
import Foundation
import HTTPTypes
import TestSupport
import Testing

@testable import AuthService

@Suite("The key API beyond zot's: policy, filters, rotation, leaks, administrators")
struct KeyRoutesTests {
    private static let path = "/zot/auth/apikey"
    private static let alice = Service.basic("alice", "pass:word")
    private static let bob = Service.basic("bob", "bob")
    private static let root = Service.basic("root", "root")

    private func options(_ change: (inout APIKeyPolicy) -> Void) -> APIKeyRing.Options {
        var options = APIKeyRing.Options()
        change(&options.policy)
        return options
    }

    private func list(_ service: Service, _ query: String = "", _ who: String = alice) async throws -> [[String: Any]] {
        let response = await service.ask(.get, Self.path + query, authorization: who)
        #expect(response.status == .ok, "\(query) \(response.text)")
        return try response.object()["apiKeys"] as? [[String: Any]] ?? []
    }

    private func alerts(_ service: Service) -> [AuditAlert] {
        service.audited.compactMap { if case .alert(let alert) = $0.action { alert } else { nil } }
    }

    @Test("A request beyond the policy is 400 with the rule's name, and defaults fill in what was not said")
    func policy() async throws {
        let service = try Service(
            keys: options {
                $0.maxLifetime = .seconds(30 * 86_400)
                $0.defaultLifetime = .seconds(86_400)
                $0.requireLabel = true
            })
        func ask(_ body: String) async -> AuthResponse {
            await service.ask(.post, Self.path, authorization: Self.alice, body: body)
        }
        let made = try await ask(#"{"label": "x"}"#).object()
        let end = try #require(RFC3339.parse(made["expirationDate"] as? String ?? ""))
        #expect(abs(end.timeIntervalSinceNow - 86_400) < 60)
        for (body, rule) in [
            (#"{"label": "x", "expirationDate": "never"}"#, "maxLifetime"), (#"{"label": ""}"#, "requireLabel"),
            (#"{"label": "x", "expirationDate": "2099-01-01T00:00:00Z"}"#, "maxLifetime"),
        ] {
            let response = await ask(body)
            let errors = try response.object()["errors"] as? [[String: Any]]
            #expect(response.status == .badRequest, "\(body)")
            #expect((errors?.first?["detail"] as? [String: String])?["rule"] == rule, "\(response.text)")
        }
    }

    @Test(
        "Where passwords are for managing keys alone, everything else takes a key, and says so to whoever knew the password"
    )
    func managementOnly() async throws {
        let service = try Service(keys: options { $0.passwords = .keyManagementOnly })
        let (key, _) = try await service.createKey()
        #expect(try await list(service).count == 1)
        #expect(await service.ask(.get, "/auth/whoami", authorization: Self.alice).status == .ok)
        for path in ["/v2/", "/auth/verify", "/auth/verify?repository=a&action=read"] {
            let refused = await service.ask(.get, path, authorization: Self.alice)
            #expect(refused.status == .forbidden && refused.text.contains("use an API key"), "\(path)")
            #expect(await service.ask(.get, path, authorization: Service.basic("alice", key)).status == .ok, "\(path)")
            #expect(await service.ask(.get, path, authorization: Service.basic("alice", "x")).status == .unauthorized)
        }
    }

    @Test("Rotation is a successor in zot's form, by the password or by the key itself")
    func rotation() async throws {
        let service = try Service()
        let (key, id) = try await service.createKey(#"{"label": "ci", "scopes": ["team/**"]}"#)
        let scoped = Service.basic("alice", key)
        let response = await service.ask(.post, Self.path + "/rotate?overlap=1h", authorization: scoped)
        #expect(response.status == .created, "\(response.text)")
        let new = try response.object()
        #expect(
            new["label"] as? String == "ci" && new["scopes"] as? [String] == ["team/**"] && new["uuid"] as? String != id
        )
        let newKey = Service.basic("alice", new["apiKey"] as? String ?? "")
        for authorization in [scoped, newKey] {
            #expect(await service.ask(.get, "/v2/", authorization: authorization).status == .ok)
        }
        let old = try #require(try await list(service).first { $0["uuid"] as? String == id })
        #expect(old["successor"] as? String == new["uuid"] as? String && old["state"] as? String == "active")
        // A key that is limited renews itself and no other.
        let (_, other) = try await service.createKey()
        #expect(await service.ask(.post, Self.path + "/rotate?id=\(other)", authorization: newKey).status == .forbidden)
        let byPassword = await service.ask(
            .post, Self.path + "/rotate?id=\(other)&overlap=0", authorization: Self.alice)
        #expect(byPassword.status == .created)
        for (query, status) in [
            ("", 400), ("?id=x", 404), ("?id=\(UUID())", 404), ("?id=\(other)&id=\(other)", 400),
            ("?id=\(other)&overlap=31d", 400), ("?id=\(other)&overlap=-1", 400), ("?id=\(other)&overlap=x", 400),
        ] {
            let refused = await service.ask(.post, Self.path + "/rotate" + query, authorization: Self.alice)
            #expect(refused.status.code == status, "\(query) \(refused.text)")
        }
        #expect(await service.ask(.post, Self.path + "/rotate?id=\(id)", authorization: Self.bob).status == .notFound)
    }

    @Test("A rotated key that is rotated again shows that it was stolen: its family ends, and somebody is told")
    func reuse() async throws {
        let service = try Service()
        let (key, id) = try await service.createKey()
        let stolen = Service.basic("alice", key)
        let new = try await service.ask(.post, Self.path + "/rotate?overlap=0", authorization: stolen).object()
        let newKey = Service.basic("alice", new["apiKey"] as? String ?? "")
        #expect(await service.ask(.get, "/v2/", authorization: newKey).status == .ok)
        // The thief's key is over: it looks like any refusal, and ends the family all the same.
        #expect(await service.ask(.post, Self.path + "/rotate", authorization: stolen).status == .unauthorized)
        #expect(await service.ask(.get, "/v2/", authorization: newKey).status == .unauthorized)
        #expect(alerts(service) == [.keyReuse(family: try #require(UUID(uuidString: id)), revoked: 2)])
        let (_, second) = try await service.createKey()
        _ = await service.ask(.post, Self.path + "/rotate?id=\(second)", authorization: Self.alice)
        let again = await service.ask(.post, Self.path + "/rotate?id=\(second)", authorization: Self.alice)
        #expect(again.status == .conflict && again.errorCode == "KEY_REUSED")
        #expect(try await list(service).isEmpty)
        let revoked = try await list(service, "?state=revoked")
        #expect(revoked.count == 4 && revoked.allSatisfy { $0["revokedBy"] as? String == "reuse" })
        #expect(await service.ask(.get, "/metrics").text.contains(#"latchkey_alerts_total{kind="key-reuse"} 2"#))
    }

    @Test("A list is filtered by label, state and times, and comes in pages")
    func filters() async throws {
        let service = try Service()
        var ids: [String] = []
        for label in ["a", "b", "a", "c"] { ids.append(try await service.createKey(#"{"label": "\#(label)"}"#).id) }
        _ = await service.ask(.delete, Self.path + "?id=\(ids[3])", authorization: Self.alice)
        func listed(_ query: String) async throws -> [String] {
            try await list(service, query).compactMap { $0["uuid"] as? String }
        }
        #expect(try await listed("") == Array(ids[..<3]), "as in zot, what was revoked is gone")
        #expect(try await listed("?label=a") == [ids[0], ids[2]])
        #expect(try await listed("?state=all") == ids)
        #expect(try await listed("?state=revoked") == [ids[3]])
        #expect(try await listed("?state=revoked&state=expired") == [ids[3]])
        #expect(try await listed("?createdAfter=2099-01-01T00:00:00Z").isEmpty)
        #expect(try await listed("?createdAfter=2020-01-01T00:00:00%2B02:00").count == 3)
        #expect(try await listed("?lastUsedBefore=2020-01-01T00:00:00Z").count == 3, "never is before any time")
        let first = await service.ask(.get, Self.path + "?n=2&state=all", authorization: Self.alice)
        #expect(first.headers[FieldNames.link] == "<\(Self.path)?n=2&state=all&last=\(ids[1])>; rel=\"next\"")
        let second = await service.ask(.get, Self.path + "?n=2&state=all&last=\(ids[1])", authorization: Self.alice)
        #expect(second.headers[FieldNames.link] == nil)
        #expect(try second.object()["apiKeys"].map { "\($0)".contains(ids[3]) } == true)
        for query in ["state=x", "n=0", "n=1001", "n=x", "last=x", "createdAfter=today", "lastUsedBefore="] {
            let response = await service.ask(.get, Self.path + "?" + query, authorization: Self.alice)
            #expect(response.status == .badRequest, "\(query)")
        }
    }

    @Test("The list says from where a key was last used")
    func origins() async throws {
        let service = try Service()
        let (key, _) = try await service.createKey()
        _ = await service.ask(
            .get, "/v2/", authorization: Service.basic("alice", key), headers: [.userAgent: "skopeo/1.9"],
            peer: "198.51.100.9")
        let listed = try #require(try await list(service).first)
        #expect(listed["lastUsedFrom"] as? String == "198.51.100.9" && listed["lastUsedBy"] as? String == "skopeo/1.9")
    }

    @Test(
        "Whoever holds a leaked key can end it, and learns nothing",
        arguments: [
            { $0 }, { "  \($0)\r\n" }, { #"{"key": "\#($0)"}"# }, { #"{"apiKey": "\#($0)"}"# },
        ] as [@Sendable (String) -> String])
    func leaked(form: @Sendable (String) -> String) async throws {
        let service = try Service()
        let (key, id) = try await service.createKey()
        let answers = [
            await service.ask(.post, "/auth/apikey/revoke", body: form("zak_" + String(repeating: "0", count: 32))),
            await service.ask(.post, "/auth/apikey/revoke", body: form(key)),
            await service.ask(.post, "/auth/apikey/revoke", body: form(key)),
        ]
        #expect(answers.allSatisfy { $0.status == .accepted && $0.body.isEmpty && $0.headers == answers[0].headers })
        #expect(await service.ask(.get, "/v2/", authorization: Service.basic("alice", key)).status == .unauthorized)
        let revoked = try #require(try await list(service, "?state=revoked").first)
        #expect(revoked["uuid"] as? String == id && revoked["revokedBy"] as? String == "holder")
        #expect(service.audited.contains { if case .keyReported(_, "alice") = $0.action { true } else { false } })
        #expect(!service.audited.contains { "\($0)".contains(key) })
    }

    @Test("Reports that are nothing are slowed down, and so are their senders alone")
    func throttled() async throws {
        let service = try Service(throttle: ThrottleOptions())
        let (key, _) = try await service.createKey()
        func report(_ text: String, from peer: String) async -> AuthResponse {
            await service.ask(.post, "/auth/apikey/revoke", body: text, peer: peer)
        }
        var statuses: [Int] = []
        for number in 0..<6 { statuses.append(await report("guess \(number)", from: "203.0.113.1").status.code) }
        #expect(statuses.prefix(3) == [202, 202, 202] && statuses.contains(429))
        #expect(await report(key, from: "203.0.113.2").status == .accepted)
        #expect(await report(String(repeating: "x", count: 9000), from: "203.0.113.3").status == .contentTooLarge)
    }

    @Test("An administrator lists and ends others' keys, and somebody is told; nobody else sees that there are any")
    func administrators() async throws {
        let service = try Service()
        let (key, id) = try await service.createKey()
        _ = try await service.createKey()
        for who in [Self.bob, Self.alice] {
            let response = await service.ask(.get, Self.path + "?user=root", authorization: who)
            #expect(response.status == .notFound, "\(who)")
        }
        #expect(
            await service.ask(.delete, Self.path + "?user=alice&id=\(id)", authorization: Self.bob).status == .notFound)
        #expect(try await list(service, "?user=alice", Self.root).count == 2)
        #expect(try await list(service, "?user=alice", Self.alice).count == 2, "oneself")
        #expect(
            await service.ask(.delete, Self.path + "?user=bob&id=\(id)", authorization: Self.root).status == .notFound)
        #expect(await service.ask(.delete, Self.path + "?user=alice&id=\(id)", authorization: Self.root).status == .ok)
        #expect(await service.ask(.get, "/v2/", authorization: Service.basic("alice", key)).status == .unauthorized)
        let all = await service.ask(.delete, Self.path + "?user=alice&all=true", authorization: Self.root)
        #expect(all.status == .ok && all.text.contains("revoked"))
        #expect(try await list(service).isEmpty)
        let kinds = alerts(service)
        #expect(kinds.contains(.administrator(action: "list", owner: "alice")))
        #expect(kinds.contains(.administrator(action: "revoke", owner: "alice")))
        // A key of an administrator's that is limited is none's.
        let rootsKey = try await service.ask(.post, Self.path, authorization: Self.root, body: #"{"scopes": ["x"]}"#)
            .object()
        let limited = Service.basic("root", rootsKey["apiKey"] as? String ?? "")
        #expect(await service.ask(.get, Self.path + "?user=alice", authorization: limited).status == .notFound)
        #expect(
            await service.ask(.delete, Self.path + "?user=alice&all=true", authorization: limited).status == .forbidden)
        for query in ["?all=true&id=\(id)", "?all=yes", "?all=true&all=true", ""] {
            #expect(
                await service.ask(.delete, Self.path + query, authorization: Self.alice).status == .badRequest,
                "\(query)")
        }
    }

    @Test("An administrator makes a key for a service account, for which a person answers")
    func serviceAccounts() async throws {
        let service = try Service()
        func ask(_ query: String, _ body: String, _ who: String = Self.root) async -> AuthResponse {
            await service.ask(.post, Self.path + query, authorization: who, body: body)
        }
        let made = await ask("?user=ci-bot", #"{"expirationDate": "never", "responsible": "bob", "label": "ci"}"#)
        #expect(made.status == .created, "\(made.text)")
        let key = try made.object()["apiKey"] as? String ?? ""
        let who = await service.ask(.get, "/auth/whoami", authorization: Service.basic("ci-bot", key))
        #expect(try who.object()["userName"] as? String == "ci-bot")
        #expect(await service.ask(.get, "/v2/", authorization: Service.basic("bob", key)).status == .unauthorized)
        let listed = try #require(try await list(service, "?user=ci-bot", Self.root).first)
        #expect(listed["serviceAccount"] as? String == "ci-bot" && listed["responsible"] as? String == "bob")
        #expect(try await list(service, "", Self.bob).count == 1, "who answers for it sees it")
        for (query, body, status) in [
            ("?user=ci-bot", "{}", 400), ("?user=alice", #"{"expirationDate": "never"}"#, 400),
            ("?user=ci-bot", #"{"expirationDate": "never", "responsible": "nobody"}"#, 400),
            ("?user=outage", #"{"expirationDate": "never"}"#, 503),
            ("?user=a%00b", #"{"expirationDate": "never"}"#, 400),
            ("?user=ci-bot", #"{"expirationDate": "never", "responsible": "outage"}"#, 503),
            ("", #"{"responsible": "bob"}"#, 400),
        ] {
            let response = await ask(query, body)
            #expect(response.status.code == status, "\(query) \(body) \(response.text)")
        }
        #expect(await ask("?user=ci-bot", #"{"expirationDate": "never"}"#, Self.bob).status == .notFound)
    }

    @Test("A key that comes from many networks within an hour is an alert, once")
    func manyNetworks() async throws {
        let service = try Service(alertAfterNetworks: 3)
        let (key, id) = try await service.createKey()
        for number in 0..<8 {
            for host in 1...2 {
                _ = await service.ask(
                    .get, "/v2/", authorization: Service.basic("alice", key), peer: "10.\(number).0.\(host)")
            }
        }
        #expect(alerts(service) == [.keyFromManyNetworks(try #require(UUID(uuidString: id)), 4)])
    }
}
