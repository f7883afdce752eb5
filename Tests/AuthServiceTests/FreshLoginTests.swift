import Credentials
import Foundation
import HTTPTypes
import Sessions
import TestSupport
import Testing

@testable import AuthService

@Suite("A fresh login, at every door")
struct FreshLoginTests {
    /// By what somebody comes.
    private enum Comes: CaseIterable { case freshSession, oldSession, key, password }

    private func jar(_ service: Service, _ user: String = "alice", age: TimeInterval) async throws -> HTTPFields {
        let principal = user == "alice" ? FixedPasswords.alice : Principal(userName: UserName(user), source: .ldap)
        let token = try await service.sessions.begin(
            for: principal, client: nil, userAgent: "a browser", authenticatedAt: .now - age
        ).token
        return [
            .cookie: "latchkey=\(token.text)", try #require(.init("X-ZOT-API-CLIENT")): "zot-ui",
            .origin: "https://auth.example.org", try #require(.init("Host")): "auth.example.org",
        ]
    }

    @Test(
        "What manages keys takes one by a session in each row of the table, and nothing else does; a key or a password is one"
    )
    func walk() async throws {
        let service = try Service()
        let (key, _) = try await service.createKey()
        var walked = 0
        for row in RouteTable.shared.rows where !row.needsLogins && !row.needsTokens && row.place == .main {
            if case .login = row.handler { continue }
            for path in row.paths {
                for method in row.methods ?? [.get, .post, .put, .delete] {
                    for comes in Comes.allCases {
                        // No such key: what is refused is refused before anybody looks for it.
                        let target = row.demand == .keyRotation || method == .delete ? "\(path)?id=\(UUID())" : path
                        var (fields, authorization): (HTTPFields, String?) = ([:], nil)
                        switch comes {
                        case .freshSession: fields = try await jar(service, age: 0)
                        case .oldSession: fields = try await jar(service, age: 601)
                        case .key: authorization = Service.basic("alice", key)
                        case .password: authorization = Service.basic("alice", "pass:word")
                        }
                        let response = await service.ask(
                            method, target, authorization: authorization, headers: fields, body: "{}")
                        let isRefused = response.errorCode == "FRESH_LOGIN_REQUIRED"
                        let isDemanded = row.demand == .keyManagement || row.demand == .keyRotation
                        #expect(isRefused == (isDemanded && comes == .oldSession), "\(method) \(path) \(comes)")
                        #expect(!isRefused || response.status == .forbidden, "\(method) \(path) \(comes)")
                        walked += 1
                    }
                }
            }
        }
        #expect(walked > 100)
    }

    @Test(
        "A refusal says by a word what to do, and where, without a challenge that a browser would put its own window before"
    )
    func refusal() async throws {
        let service = try Service(externalURL: "https://auth.example.org")
        let old = try await jar(service, age: 3600)
        let response = await service.ask(.post, "/zot/auth/apikey", headers: old, body: #"{"label":"x"}"#)
        #expect(response.status == .forbidden && response.headers[.wwwAuthenticate] == nil)
        let errors = try #require(try response.object()["errors"] as? [[String: Any]])
        let detail = try #require(errors.first?["detail"] as? [String: String])
        #expect(errors.first?["code"] as? String == "FRESH_LOGIN_REQUIRED")
        #expect(
            detail == [
                "reason": "fresh-login-required", "login": "https://auth.example.org/auth/login?again=1",
                "seconds": "600",
            ])
        #expect(response.headers[.setCookie] == nil, "the session goes on")
        #expect(await service.ask(.get, "/zot/auth/apikey", headers: old).status == .ok, "looking takes none")
        #expect(
            service.audited.contains {
                if case .denied(_, let reason) = $0.action { reason.contains("ten minutes") } else { false }
            })
    }

    @Test(
        "An administrator's old session ends nobody's keys and sessions and makes no service account, at no door; a fresh one does"
    )
    func administrators() async throws {
        let service = try Service()
        let (key, id) = try await service.createKey()
        let theirs = try await service.logIn()
        let doors: [(HTTPRequest.Method, String, String)] = [
            (.delete, "/zot/auth/apikey?user=alice&all=true", ""),
            (.delete, "/zot/auth/apikey?user=alice&id=\(id)", ""),
            (.post, "/zot/auth/apikey/rotate?user=alice&id=\(id)", ""),
            (.post, "/zot/auth/apikey?user=svc", #"{"expirationDate":"never"}"#),
            (.delete, "/auth/sessions?user=alice&all=true", ""),
            (.delete, "/v2/_zot/ext/apikey?user=alice&all=true", ""),
        ]
        let old = try await jar(service, "root", age: 700)
        for (method, target, body) in doors {
            let response = await service.ask(method, target, headers: old, body: body)
            #expect(response.errorCode == "FRESH_LOGIN_REQUIRED", "\(method) \(target)")
        }
        let page = await service.ask(.get, "/auth/people?user=alice", headers: old)
        let token = try #require(page.text.firstMatch(of: #/name="token" value="([0-9a-f]{64})"/#)).output.1
        for action in ["revoke-all", "end-all", "revoke&id=\(id)", "end&id=\(id)"] {
            let response = await service.ask(
                .post, "/auth/people", headers: old, body: "token=\(token)&user=alice&action=\(action)")
            #expect(
                response.headers[.location] == "/auth/login?again=1&rd=%2Fauth%2Fpeople%3Fuser%3Dalice", "\(action)")
        }
        #expect(await service.ask(.get, "/auth/sessions?user=alice", headers: old).status == .ok)
        #expect(
            await service.ask(.delete, "/auth/sessions?all=true", headers: try await jar(service, "bob", age: 700))
                .status == .ok, "one's own")
        #expect(await service.ask(.get, "/v2/", authorization: Service.basic("alice", key)).status == .ok)
        #expect(await service.ask(.get, "/auth/whoami", headers: theirs).status == .ok)
        let fresh = try await jar(service, "root", age: 590)
        #expect(await service.ask(.delete, "/auth/sessions?user=alice&all=true", headers: fresh).status == .ok)
        #expect(await service.ask(.delete, "/zot/auth/apikey?user=alice&all=true", headers: fresh).status == .ok)
        #expect(await service.ask(.get, "/v2/", authorization: Service.basic("alice", key)).status == .unauthorized)
        #expect(await service.ask(.get, "/auth/whoami", headers: theirs).status == .unauthorized)
    }

    @Test(
        "An operator who has zot's page lets an old session manage keys at the REST API, and on the pages and for others' sessions it asks all the same"
    )
    func pages() async throws {
        let service = try Service(freshLogin: .pages)
        let old = try await jar(service, age: 3600)
        #expect(await service.ask(.post, "/zot/auth/apikey", headers: old, body: "{}").status == .created)
        #expect(await service.ask(.delete, "/zot/auth/apikey?all=true", headers: old).status == .ok)
        let page = await service.ask(.get, "/auth/", headers: old)
        let token = try #require(page.text.firstMatch(of: #/name="token" value="([0-9a-f]{64})"/#)).output.1
        let form = "token=\(token)&action=create&label=x&days=30&access=everything"
        #expect(
            await service.ask(.post, "/auth/", headers: old, body: form).headers[.location]
                == "/auth/login?again=1&rd=%2Fauth%2F")
        let root = try await jar(service, "root", age: 3600)
        #expect(await service.ask(.delete, "/auth/sessions?user=alice&all=true", headers: root).status == .forbidden)
    }
}
