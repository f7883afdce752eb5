import Credentials
import Foundation
import HTTPTypes
import Sessions
import TestSupport
import Testing

@testable import AuthService

/// Several cookies of one name, of an earlier configuration or of a neighbour, and zot's beside ours.
@Suite("The cookies of a browser")
struct SessionCookiesTests {
    private let wide = "__Secure-latchkey"

    private func service(_ domain: String? = "example.org") throws -> Service {
        try Service(
            trustedProxies: ["192.0.2.1"], cookieDomain: domain, isSecure: true, externalURL: "https://auth.example.org"
        )
    }

    private func token(_ service: Service, _ user: String) async throws -> String {
        let principal = user == "alice" ? FixedPasswords.alice : Principal(userName: UserName(user), source: .ldap)
        return try await service.sessions.begin(for: principal, client: nil, userAgent: "browser").token.text
    }

    private func cookie(_ pairs: (String, String)...) -> HTTPFields {
        [.cookie: pairs.map { "\($0.0)=\($0.1)" }.joined(separator: "; ")]
    }

    private func zots(_ fields: HTTPFields) throws -> HTTPFields {
        var fields = fields
        fields[try #require(.init("X-ZOT-API-CLIENT"))] = "zot-ui"
        return fields
    }

    /// The domains for which a cookie is taken away; empty for the very host.
    private func cleared(_ response: AuthResponse, _ name: String) -> Set<String> {
        let values = response.headers[values: .setCookie].filter { $0.hasPrefix("\(name)=; Path=/; Max-Age=0") }
        return Set(values.map { $0.firstMatch(of: #/Domain=([^;]+)/#).map { String($0.output.1) } ?? "" })
    }

    private func given(_ response: AuthResponse, _ name: String) -> [String] {
        response.headers[values: .setCookie].filter { $0.hasPrefix("\(name)=") && !$0.contains("Max-Age=0") }
    }

    @Test(
        "A cookie that names nothing, of before or of a neighbour, keeps nobody out, whichever comes first, and goes at the next page"
    )
    func neighbours() async throws {
        let service = try service()
        let live = try await token(service, "alice")
        let dead = SessionToken.random().text
        for other in [dead, "made-up", "", "\"\(live)\"", String(repeating: "x", count: 5000)] {
            for fields in [cookie((wide, live), (wide, other)), cookie((wide, other), (wide, live))] {
                #expect(await service.ask(.get, "/auth/verify", headers: fields).status == .ok, "\(other.prefix(50))")
                let page = await service.ask(.get, "/auth/", headers: fields)
                #expect(page.status == .ok && page.text.contains("<strong>alice</strong>"))
                #expect(cleared(page, wide) == ["", "auth.example.org", "example.org"])
                // Nothing tells for which domain the good one was: it is set anew, behind what takes it away.
                #expect(page.headers[values: .setCookie].last?.hasPrefix("\(wide)=\(live); Path=/") == true)
                let token = try #require(page.text.firstMatch(of: #/name="token" value="([0-9a-f]{64})"/#)).output.1
                var form = fields
                form[.origin] = "https://auth.example.org"
                let made = await service.ask(
                    .post, "/auth/", headers: form,
                    body: "token=\(token)&action=create&label=x&days=30&access=everything")
                #expect(made.status == .created, "the forms are of the session that counts")
            }
        }
        let proxied = await service.ask(.get, "/auth/verify", headers: cookie((wide, dead), (wide, live)))
        #expect(proxied.headers[.setCookie] == nil, "a proxy's answer sets nothing")
        let single = await service.ask(.get, "/auth/", headers: cookie((wide, live)))
        #expect(single.headers[.setCookie] == nil)
    }

    @Test(
        "What names nothing is taken away with and without a domain wherever it is refused, so that the next login is no circle"
    )
    func circle() async throws {
        let service = try service("auth.example.org")
        let dead = SessionToken.random().text
        let everywhere: Set = ["", "auth.example.org", "example.org"]
        for fields in [cookie((wide, dead)), cookie((wide, "garbage")), cookie((wide, dead), (wide, "x"))] {
            for target in ["/auth/", "/auth/people?user=bob", "/auth/whoami", "/auth/login?rd=/auth/", "/auth/login"] {
                let response = await service.ask(.get, target, headers: fields)
                #expect([200, 303, 401].contains(response.status.code))
                #expect(cleared(response, wide) == everywhere, "\(target)")
            }
        }
        var form = cookie((wide, dead), (wide, "x"))
        form[.origin] = "https://auth.example.org"
        let login = await service.ask(.post, "/auth/login", headers: form, body: "username=alice&password=pass%3Aword")
        let fresh = try #require(given(login, wide).first?.split(separator: ";").first?.split(separator: "=").last)
        // The browser's cookie for the other domain may be there still: it keeps nobody out either.
        #expect(
            await service.ask(.get, "/auth/", headers: cookie((wide, dead), (wide, String(fresh)))).status == .ok)
    }

    @Test("Two live sessions of one person are theirs; of two people neither counts, at no door, and a login ends both")
    func people() async throws {
        let service = try service()
        let (first, second, eves) = (
            try await token(service, "alice"), try await token(service, "alice"), try await token(service, "bob")
        )
        let loop = service.service.newLoop()
        #expect(await service.ask(.get, "/auth/whoami", headers: cookie((wide, first), (wide, second))).status == .ok)
        for fields in [cookie((wide, first), (wide, eves)), cookie((wide, eves), (wide, first))] {
            for _ in 0..<3 {
                #expect(await service.ask(.get, "/auth/whoami", headers: fields).status == .unauthorized)
                let request = AuthRequest(
                    method: .get, target: "/auth/whoami", headers: fields, peer: IPAddress("192.0.2.1"))
                #expect(service.service.answerIfKnown(request, on: loop) == nil)
            }
            #expect(cleared(await service.ask(.get, "/auth/", headers: fields), wide).count == 3)
        }
        #expect(await service.ask(.get, "/auth/whoami", headers: cookie((wide, first))).status == .ok)
        var form = cookie((wide, eves), (wide, first))
        form[.origin] = "https://auth.example.org"
        #expect(
            await service.ask(.post, "/auth/login", headers: form, body: "username=alice&password=pass%3Aword").status
                == .seeOther)
        for ended in [eves, first] {
            #expect(await service.ask(.get, "/auth/whoami", headers: cookie((wide, ended))).status == .unauthorized)
        }
        #expect(await service.ask(.get, "/auth/whoami", headers: cookie((wide, second))).status == .ok)
    }

    @Test(
        "zot's cookies are for the very host, whatever the domain of ours is, so that no application below gets a second session cookie"
    )
    func zotsDomain() async throws {
        let service = try service()
        let login = await service.ask(
            .get, "/v2/", authorization: Service.basic("alice", "pass:word"), headers: try zots([:]))
        let values = login.headers[values: .setCookie]
        #expect(values.count == 2 && values.allSatisfy { !$0.contains("Domain") }, "\(values)")
        #expect(values.first?.hasPrefix("session=") == true && values.last?.hasPrefix("user=alice;") == true)
    }

    @Test("zot's page after ours and ours after zot's: a login in one takes the other's session along, and its cookie")
    func bothKinds() async throws {
        let service = try service(nil)
        let name = "__Host-latchkey"
        let ours = try await token(service, "alice")
        let zot = await service.ask(
            .get, "/v2/", authorization: Service.basic("bob", "bob"), headers: try zots(cookie((name, ours))))
        let zots1 = try #require(
            given(zot, "session").first?.split(separator: ";").first?.split(separator: "=").last.map(String.init))
        #expect(cleared(zot, name) == [""], "the first login counts at once")
        #expect(await service.ask(.get, "/auth/whoami", headers: cookie((name, ours))).status == .unauthorized)
        // A browser that has not let go of it is no worse off.
        let stale = try zots(cookie((name, ours), ("session", zots1), ("user", "bob")))
        let page = await service.ask(.get, "/zot/auth/apikey", headers: stale)
        #expect(page.status == .ok && cleared(page, name) == [""])
        #expect(
            await service.ask(
                .get, "/zot/auth/apikey", headers: try zots(cookie((name, "garbage"), ("session", zots1)))
            ).status == .ok)

        var form = cookie(("session", zots1), ("user", "bob"))
        form[.origin] = "https://auth.example.org"
        let login = await service.ask(.post, "/auth/login", headers: form, body: "username=alice&password=pass%3Aword")
        #expect(cleared(login, "session") == [""] && cleared(login, "user") == [""] && given(login, name).count == 1)
        #expect(
            await service.ask(.get, "/zot/auth/apikey", headers: try zots(cookie(("session", zots1)))).status
                == .unauthorized)
    }

    @Test(
        "A logout ends each session that the cookies name, of both kinds, and leaves an application's own session cookie alone",
        arguments: ["/auth/logout", "/zot/auth/logout"])
    func logout(path: String) async throws {
        let service = try service()
        let (ours, other, zot) = (
            try await token(service, "alice"), try await token(service, "alice"), try await token(service, "bob")
        )
        let out = await service.ask(
            .post, path, headers: cookie((wide, ours), (wide, other), ("session", zot), ("user", "bob")))
        #expect(out.status == .ok && cleared(out, wide) == ["", "auth.example.org", "example.org"])
        #expect(cleared(out, "session") == ["", "example.org"] && cleared(out, "user") == [""])
        for ended in [ours, other] {
            #expect(await service.ask(.get, "/auth/whoami", headers: cookie((wide, ended))).status == .unauthorized)
        }
        #expect(await service.ask(.get, "/v2/", headers: try zots(cookie(("session", zot)))).status == .unauthorized)
        let ended = service.audited.filter { if case .sessionEnded = $0.action { true } else { false } }
        #expect(Set(ended.compactMap(\.userName)) == ["alice", "bob"] && ended.count == 3)
        guard path.hasPrefix("/auth") else { return }
        for value in ["eyJfZnJlc2giOmZhbHNlfQ.Zm9v.signature", SessionToken.random().text] {
            let flask = await service.ask(.post, path, headers: cookie((wide, ours), ("session", value)))
            #expect(cleared(flask, "session").isEmpty, "that is an application's")
        }
    }

    @Test(
        "Names that the cookie had before an operator changed how browsers come in go at a login and at a logout, with their sessions"
    )
    func formerNames() async throws {
        let service = try service()
        let old = try await token(service, "alice")
        for name in ["latchkey", "__Host-latchkey"] {
            #expect(await service.ask(.get, "/auth/whoami", headers: cookie((name, old))).status == .unauthorized)
        }
        let out = await service.ask(.post, "/auth/logout", headers: cookie(("__Host-latchkey", old)))
        #expect(cleared(out, "__Host-latchkey") == [""])
        #expect(await service.ask(.get, "/auth/whoami", headers: cookie((wide, old))).status == .unauthorized)
    }

    @Test("A wrong password beside a good session takes nothing away from the browser")
    func wrongPassword() async throws {
        let service = try service()
        let live = try await token(service, "alice")
        let wrong = await service.ask(
            .get, "/auth/whoami", authorization: Service.basic("alice", "x"), headers: cookie((wide, live)))
        #expect(wrong.status == .unauthorized && wrong.headers[.setCookie] == nil)
    }

    @Test("Cookies are read by their bytes: a mark that combines with a sign hides neither a name, a value nor an end")
    func bytes() {
        let fields = ["a=1; a=2;a =3", "b=\u{301}x;a=4", ";;=;a;a==5; \ta=6 ", "\u{41}\u{30A}=7"]
        #expect(CookieReader.values(of: "a", in: fields) == ["1", "2", "4", "=5", "6"])
        #expect(
            CookieReader.values(of: "b", in: fields) == ["\u{301}x"]
                && CookieReader.values(of: "\u{C5}", in: fields).isEmpty)
        let sizes = CookieReader.sizes(beginning: "a", in: ["ab=é; a=; b=1", "abc=xyz"])
        #expect(sizes.map(\.name) == ["ab", "a", "abc"] && sizes.map(\.bytes) == [5, 2, 7])
    }
}
