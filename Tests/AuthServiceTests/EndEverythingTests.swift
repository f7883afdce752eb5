import Credentials
import Foundation
import HTTPTypes
import Sessions
import TestSupport
import Testing

@testable import AuthService

@Suite("An administrator ends everything of somebody")
struct EndEverythingTests {
    private let root = Service.basic("root", "root")

    private func ids(_ response: AuthResponse, _ name: String) throws -> [String] {
        try response.object()[name] as? [String] ?? []
    }

    @Test(
        "A name in another spelling is the person that their source knows: lists, ends, revokes, at the API and on the page"
    )
    func spelled() async throws {
        let service = try Service()
        let (jar, (key, id)) = (try await service.logIn(), try await service.createKey())
        let listed = await service.ask(.get, "/zot/auth/apikey?user=ALICE", authorization: root)
        #expect(listed.text.contains(id) && !listed.text.contains("incomplete"))
        let sessions = await service.ask(.get, "/auth/sessions?user=ALICE", authorization: root)
        #expect((try sessions.object()["sessions"] as? [Any])?.count == 1)
        let admin = try await service.logIn("root")
        let page = await service.ask(.get, "/auth/people?user=ALICE", headers: admin)
        #expect(page.text.contains(id) && page.text.contains("Alice é") && page.text.contains(#"value="end-all""#))
        let one = await service.ask(.delete, "/zot/auth/apikey?user=Alice&id=\(id)", authorization: root)
        #expect(one.status == .ok, "also by a spelling that the source does not take")
        let (second, secondID) = try await service.createKey()
        let revoked = await service.ask(.delete, "/zot/auth/apikey?user=ALICE&all=true", authorization: root)
        #expect(try ids(revoked, "revoked") == [secondID])
        let ended = await service.ask(.delete, "/auth/sessions?user=ALICE&all=true", authorization: root)
        #expect(try ids(ended, "ended").count == 1)
        for key in [key, second] {
            #expect(await service.ask(.get, "/v2/", authorization: Service.basic("alice", key)).status == .unauthorized)
        }
        #expect(await service.ask(.get, "/auth/whoami", headers: jar).status == .unauthorized)
    }

    @Test("The page's forms act on the person, in whatever spelling the administrator has written the name")
    func spelledForms() async throws {
        let service = try Service()
        let (jar, (key, id)) = (try await service.logIn(), try await service.createKey())
        let admin = try await service.logIn("root")
        let page = await service.ask(.get, "/auth/people?user=ALICE", headers: admin)
        let token = try #require(page.text.firstMatch(of: #/name="token" value="([0-9a-f]{64})"/#)).output.1
        func send(_ action: String, _ more: String = "") async throws -> HTTPResponse.Status {
            var fields = admin
            fields[try #require(.init("Host"))] = "auth.example.org"
            fields[.origin] = "https://auth.example.org"
            return await service.ask(
                .post, "/auth/people", headers: fields, body: "token=\(token)&action=\(action)&user=ALICE\(more)"
            ).status
        }
        #expect(try await send("revoke", "&id=\(id)") == .seeOther)
        #expect(await service.ask(.get, "/v2/", authorization: Service.basic("alice", key)).status == .unauthorized)
        let (second, _) = try await service.createKey()
        #expect(try await send("revoke-all") == .seeOther)
        #expect(await service.ask(.get, "/v2/", authorization: Service.basic("alice", second)).status == .unauthorized)
        #expect(await service.ask(.get, "/auth/whoami", headers: jar).status == .ok)
        #expect(try await send("end-all") == .seeOther)
        #expect(await service.ask(.get, "/auth/whoami", headers: jar).status == .unauthorized)
    }

    @Test("While a source is away what is kept under the name ends, and nobody is told that this is all")
    func outage() async throws {
        let service = try Service()
        let token = try await service.sessions.begin(
            for: Principal(userName: "outage", source: .ldap), client: nil, userAgent: "browser"
        ).token
        let listed = await service.ask(.get, "/auth/sessions?user=outage", authorization: root)
        #expect(try listed.object()["incomplete"] as? Bool == true)
        #expect(
            try await service.ask(.get, "/zot/auth/apikey?user=outage", authorization: root).object()["incomplete"]
                as? Bool == true)
        for path in ["/auth/sessions?user=outage&all=true", "/zot/auth/apikey?user=outage&all=true"] {
            let answer = await service.ask(.delete, path, authorization: root)
            #expect(answer.status == .serviceUnavailable && answer.headers[.retryAfter] != nil, "\(path)")
            #expect(
                answer.text.contains("there may be more") && !answer.text.contains("secret.server"), "\(answer.text)")
        }
        #expect(try await service.sessions.sessions(.named("outage")).isEmpty)
        #expect(
            await service.ask(.get, "/auth/whoami", headers: [.cookie: "latchkey=\(token.text)"]).status
                == .unauthorized)
        let one = await service.ask(.delete, "/auth/sessions?user=outage&id=\(UUID())", authorization: root)
        #expect(one.status == .serviceUnavailable, "it may be another's who has that name")
        let admin = try await service.logIn("root")
        #expect(await service.ask(.get, "/auth/people?user=outage", headers: admin).status == .serviceUnavailable)
    }

    @Test("A name that no source knows and nothing is kept under is told: it may be a wrong one")
    func unknown() async throws {
        let service = try Service()
        for path in ["/auth/sessions?user=alise&all=true", "/zot/auth/apikey?user=alise&all=true"] {
            let answer = await service.ask(.delete, path, authorization: root)
            #expect(answer.status == .notFound && answer.text.contains("no source knows 'alise'"), "\(path)")
        }
        // Who is known and has nothing, and a service account whose keys have ended before.
        for path in ["/auth/sessions?user=alice&all=true", "/zot/auth/apikey?user=alice&all=true"] {
            #expect(await service.ask(.delete, path, authorization: root).status == .ok, "\(path)")
        }
        let made = await service.ask(
            .post, "/zot/auth/apikey?user=ci-bot", authorization: root, body: #"{"expirationDate": "never"}"#)
        #expect(made.status == .created)
        for _ in 0..<2 {
            #expect(
                await service.ask(.delete, "/zot/auth/apikey?user=ci-bot&all=true", authorization: root).status == .ok)
        }
        #expect(await service.ask(.delete, "/auth/sessions?user=ci-bot&all=true", authorization: root).status == .ok)
    }
}
