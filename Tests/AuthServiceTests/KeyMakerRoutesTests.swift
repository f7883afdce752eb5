import APIKeys
import Credentials
import Foundation
import HTTPTypes
import TestSupport
import Testing

@testable import AuthService

@Suite("What a key, and a service account, may make at the key API")
struct KeyMakerRoutesTests {
    private static let path = "/zot/auth/apikey"
    private static let alice = Service.basic("alice", "pass:word")
    private static let root = Service.basic("root", "root")

    private func end(_ response: AuthResponse) throws -> Date? {
        let text = try response.object()["expirationDate"] as? String ?? ""
        return text == RFC3339.never ? nil : RFC3339.parse(text)
    }

    @Test("A key that ends makes none that lives longer; one whose end nobody has said ends with it")
    func ends() async throws {
        let service = try Service()
        let soon = RFC3339.format(Date.now.addingTimeInterval(600))
        let (key, id) = try await service.createKey("{\"expirationDate\": \"\(soon)\"}")
        let byKey = Service.basic("alice", key)
        for body in [#"{"expirationDate": "never"}"#, #"{"expirationDate": "2099-01-01T00:00:00Z"}"#] {
            let refused = await service.ask(.post, Self.path, authorization: byKey, body: body)
            #expect(refused.status == .badRequest && refused.text.contains(soon.prefix(19)), "\(refused.text)")
        }
        for body in ["{}", #"{"expirationDate": ""}"#] {
            let made = await service.ask(.post, Self.path, authorization: byKey, body: body)
            #expect(made.status == .created, "\(made.text)")
            #expect(try end(made) == RFC3339.parse(soon))
        }
        // By the bearer form as well, and by rotating a key that never ends.
        let bearer = await service.ask(
            .post, Self.path, authorization: "Bearer \(key)", body: #"{"expirationDate": "never"}"#)
        #expect(bearer.status == .badRequest)
        let (_, lasting) = try await service.createKey()
        let rotated = await service.ask(.post, "\(Self.path)/rotate?id=\(lasting)", authorization: byKey)
        #expect(rotated.status == .created)
        #expect(try end(rotated) == RFC3339.parse(soon))
        let itself = await service.ask(.post, "\(Self.path)/rotate?id=\(id)&overlap=0", authorization: byKey)
        #expect(itself.status == .created, "\(itself.text)")
    }

    @Test("An administrator's key that ends makes no service account's key that does not")
    func administrators() async throws {
        let service = try Service()
        let soon = RFC3339.format(Date.now.addingTimeInterval(600))
        let made = await service.ask(
            .post, Self.path, authorization: Self.root, body: "{\"expirationDate\": \"\(soon)\"}")
        let key = Service.basic("root", try #require(try made.object()["apiKey"] as? String))
        let refused = await service.ask(
            .post, "\(Self.path)?user=bot", authorization: key, body: #"{"expirationDate": "never"}"#)
        #expect(refused.status == .badRequest && refused.text.contains("ends at"), "\(refused.text)")
        let account = await service.ask(
            .post, "\(Self.path)?user=bot", authorization: key, body: "{\"expirationDate\": \"\(soon)\"}")
        #expect(account.status == .created, "\(account.text)")
    }

    @Test("A service account lists, rotates and revokes its own key, and makes keys that work")
    func accounts() async throws {
        let service = try Service()
        func account(_ name: String, _ more: String = "") async throws -> (key: String, id: String) {
            let made = await service.ask(
                .post, "\(Self.path)?user=\(name)", authorization: Self.root,
                body: #"{"expirationDate": "never", "responsible": "alice"\#(more)}"#)
            #expect(made.status == .created, "\(made.text)")
            return (
                try #require(try made.object()["apiKey"] as? String), try #require(try made.object()["uuid"] as? String)
            )
        }
        func list(_ key: String) async throws -> [String] {
            let response = await service.ask(.get, Self.path, authorization: "Bearer \(key)")
            #expect(response.status == .ok, "\(response.text)")
            let keys = try response.object()["apiKeys"] as? [[String: Any]] ?? []
            return keys.compactMap { $0["uuid"] as? String }.sorted()
        }
        let (key, id) = try await account("bot")
        let (scoped, scopedID) = try await account("bot", #", "scopes": ["team/**"]"#)
        let (_, other) = try await account("other")
        let (_, own) = try await service.createKey()
        #expect(try await list(key) == [id, scopedID].sorted())
        // Neither another account's keys are there, nor those of the person who answers for it.
        for foreign in [other, own] {
            for (method, target) in [(HTTPRequest.Method.delete, "?id="), (.post, "/rotate?id=")] {
                let answer = await service.ask(method, Self.path + target + foreign, authorization: "Bearer \(key)")
                #expect(answer.status == .notFound, "\(target) \(answer.text)")
            }
        }
        let renewed = await service.ask(.post, "\(Self.path)/rotate?overlap=0", authorization: "Bearer \(scoped)")
        #expect(renewed.status == .created, "\(renewed.text)")
        #expect(try renewed.object()["serviceAccount"] as? String == "bot")
        let unsaid = await service.ask(.post, Self.path, authorization: "Bearer \(key)", body: "{}")
        #expect(unsaid.status == .badRequest && unsaid.text.contains("needs an expirationDate"), "\(unsaid.text)")
        let made = await service.ask(
            .post, Self.path, authorization: "Bearer \(key)", body: #"{"expirationDate": "never"}"#)
        #expect(made.status == .created, "\(made.text)")
        let third = try #require(try made.object()["apiKey"] as? String)
        let who = await service.ask(.get, "/auth/whoami", authorization: "Bearer \(third)")
        #expect(who.status == .ok && who.text.contains(#""userName":"bot""#), "\(who.text)")
        // alice answers for it, and sees it.
        let hers = await service.ask(.get, Self.path, authorization: Self.alice)
        #expect(hers.text.contains(try #require(try made.object()["uuid"] as? String)))
        #expect(await service.ask(.delete, "\(Self.path)?id=\(id)", authorization: "Bearer \(key)").status == .ok)
        #expect(await service.ask(.get, "/auth/whoami", authorization: "Bearer \(key)").status == .unauthorized)
        #expect(await service.ask(.delete, "\(Self.path)?all=true", authorization: "Bearer \(third)").status == .ok)
        #expect(await service.ask(.get, "/auth/whoami", authorization: "Bearer \(third)").status == .unauthorized)
        let still = await service.ask(.get, Self.path, authorization: Self.alice)
        #expect(still.text.contains(own), "\(still.text)")
    }

    @Test("Who reports a key that was rotated ends what was made of it, and it is an alert; the answer tells nothing")
    func leaked() async throws {
        let service = try Service()
        let (key, _) = try await service.createKey(#"{"scopes": ["team/**"]}"#)
        let rotated = await service.ask(
            .post, "\(Self.path)/rotate?overlap=0", authorization: Service.basic("alice", key))
        let thief = try #require(try rotated.object()["apiKey"] as? String)
        let reported = await service.ask(.post, "/auth/apikey/revoke", body: key)
        let unknown = await service.ask(.post, "/auth/apikey/revoke", body: "zak_00000000000000000000000000000000")
        #expect(reported.status == .accepted && unknown.status == .accepted && reported.text == unknown.text)
        let answer = await service.ask(.get, "/v2/", authorization: Service.basic("alice", thief))
        #expect(answer.status == .unauthorized)
        #expect(
            service.audited.contains {
                if case .alert(.keyReuse(_, let revoked)) = $0.action { revoked == 2 } else { false }
            })
    }

    @Test("A rotation that would leave more keys than one may have is 400, and without an overlap it is done")
    func overLimit() async throws {
        var keys = APIKeyRing.Options()
        keys.policy.maxPerUser = 1
        let service = try Service(keys: keys)
        let (_, id) = try await service.createKey()
        let refused = await service.ask(.post, "\(Self.path)/rotate?id=\(id)", authorization: Self.alice)
        #expect(refused.status == .badRequest && refused.text.contains("overlap=0"), "\(refused.text)")
        let done = await service.ask(.post, "\(Self.path)/rotate?id=\(id)&overlap=0", authorization: Self.alice)
        #expect(done.status == .created, "\(done.text)")
    }

    @Test("Restoring is for administrators, who name somebody")
    func restore() async throws {
        let service = try Service()
        #expect(
            await service.ask(.post, "\(Self.path)/restore?user=bob", authorization: Self.alice).status == .notFound)
        #expect(await service.ask(.post, "\(Self.path)/restore", authorization: Self.root).status == .badRequest)
        #expect(await service.ask(.post, "\(Self.path)/restore", authorization: Self.alice).status == .notFound)
        let none = await service.ask(.post, "\(Self.path)/restore?user=bob", authorization: Self.root)
        #expect(none.status == .notFound && none.text.contains("no API key"), "\(none.text)")
        let (key, _) = try await service.createKey(#"{"scopes": ["team/**"]}"#)
        let scoped = await service.ask(
            .post, "\(Self.path)/restore?user=bob", authorization: Service.basic("alice", key))
        #expect(scoped.status == .forbidden)
    }
}
