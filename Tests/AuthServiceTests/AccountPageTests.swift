import APIKeys
import Credentials
import Foundation
import HTTPTypes
import Sessions
import TestSupport
import Testing

@testable import AuthService

@Suite("The account page")
struct AccountPageTests {
    private let fields: HTTPFields

    init() throws { fields = [try #require(.init("Host")): "auth.example.org", .origin: "https://auth.example.org"] }

    private func jar(_ service: Service, _ user: String = "alice", age: TimeInterval = 0) async throws -> HTTPFields {
        let principal = user == "alice" ? FixedPasswords.alice : Principal(userName: UserName(user), source: .ldap)
        let token = try await service.sessions.begin(
            for: principal, client: nil, userAgent: "a browser", authenticatedAt: .now - age
        ).token
        var jar = fields
        jar[.cookie] = "latchkey=\(token.text)"
        return jar
    }

    private func token(_ service: Service, _ jar: HTTPFields) async throws -> String {
        let page = await service.ask(.get, "/auth/", headers: jar)
        return String(try #require(page.text.firstMatch(of: #/name="token" value="([0-9a-f]{64})"/#)).output.1)
    }

    private func send(
        _ service: Service, _ jar: HTTPFields, _ pairs: KeyValuePairs<String, String>
    ) async -> AuthResponse {
        let body = pairs.map {
            "\($0.key)=\($0.value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")"
        }
        return await service.ask(.post, "/auth/", headers: jar, body: body.joined(separator: "&"))
    }

    @Test("A key is made, shown once, listed, used, rotated and revoked")
    func keys() async throws {
        let service = try Service()
        let jar = try await jar(service)
        let token = try await token(service, jar)
        let created = await send(
            service, jar,
            [
                "token": token, "action": "create", "label": " laptop <b> ", "days": "30", "access": "some",
                "scopes": "team/**:read\r\n\r\nx",
            ])
        #expect(created.status == .created && created.headers[.cacheControl] == "no-store")
        let key = String(try #require(created.text.firstMatch(of: #/zak_[0-9a-f]{32}/#)).output)
        #expect(created.text.contains("laptop &lt;b&gt;") && created.text.contains("team/**:read, x"))
        let page = await service.ask(.get, "/auth/", headers: jar).text
        #expect(!page.contains("zak_") && page.contains("laptop &lt;b&gt;"))
        #expect(await service.ask(.get, "/v2/", authorization: Service.basic("alice", key)).status == .ok)
        let id = String(try #require(page.firstMatch(of: #/name="id" value="([0-9a-f-]{36})"/#)).output.1)
        let rotated = await send(service, jar, ["token": token, "action": "rotate", "id": id])
        #expect(rotated.status == .created && rotated.text.contains("zak_") && !rotated.text.contains(key))
        let again = await send(service, jar, ["token": token, "action": "rotate", "id": id])
        #expect(again.status == .conflict && !again.text.contains("zak_"))
        let second = await send(
            service, jar,
            ["token": token, "action": "create", "label": "", "days": "never", "access": "everything", "scopes": ""])
        let other = String(try #require(second.text.firstMatch(of: #/zak_[0-9a-f]{32}/#)).output)
        let newest = String(try #require(second.text.firstMatch(of: #/name="id" value="([0-9a-f-]{36})"/#)).output.1)
        let revoked = await send(service, jar, ["token": token, "action": "revoke", "id": newest])
        #expect(revoked.status == .seeOther && revoked.headers[.location] == "/auth/?done=revoked")
        #expect(await service.ask(.get, "/v2/", authorization: Service.basic("alice", other)).status == .unauthorized)
        #expect(await service.ask(.get, "/auth/?done=revoked", headers: jar).text.contains("The key is revoked."))
    }

    @Test("A form without the token of this very session, or from another origin, does nothing")
    func foreign() async throws {
        let service = try Service()
        let (jar, other) = (try await jar(service), try await self.jar(service, "bob"))
        let (token, others) = (try await token(service, jar), try await self.token(service, other))
        #expect(token != others)
        let pairs: KeyValuePairs = ["action": "create", "label": "x", "days": "30", "access": "everything"]
        for wrong in ["", others, String(repeating: "0", count: 64), token + "0", token.uppercased() + " "] {
            let body = (["token=\(wrong)"] + pairs.map { "\($0.key)=\($0.value)" }).joined(separator: "&")
            #expect(await service.ask(.post, "/auth/", headers: jar, body: body).status == .forbidden, "\(wrong)")
        }
        var evil = jar
        evil[.origin] = "https://evil.example"
        let body = "token=\(token)&action=create&label=x&days=30&access=everything"
        #expect(await service.ask(.post, "/auth/", headers: evil, body: body).status == .forbidden)
        #expect(await service.ask(.post, "/auth/", body: body).status == .seeOther)
        #expect(
            await service.ask(.post, "/auth/", authorization: Service.basic("alice", "pass:word"), body: body).status
                == .seeOther)
        #expect(!(await service.ask(.get, "/auth/", headers: jar).text.contains("name=\"id\"")))
    }

    @Test("Nobody's keys and sessions but one's own are there, whatever id a form names")
    func others() async throws {
        let service = try Service()
        let (jar, other) = (try await jar(service), try await self.jar(service, "bob"))
        let (_, id) = try await service.createKey()
        let token = try await token(service, other)
        for action in ["rotate", "revoke"] {
            #expect(
                await send(service, other, ["token": token, "action": action, "id": id]).status == .notFound,
                "\(action)")
        }
        let sessions = try await service.sessions.sessions(.named("alice"))
        let session = try #require(sessions.first?.id.uuidString)
        _ = await send(service, other, ["token": token, "action": "end", "id": session])
        _ = await send(service, other, ["token": token, "action": "end-others"])
        #expect(await service.ask(.get, "/auth/whoami", headers: jar).status == .ok)
    }

    @Test("Keys take a login of the last ten minutes; sessions can be ended without one")
    func freshness() async throws {
        let service = try Service()
        let jar = try await jar(service, age: 601)
        let token = try await token(service, jar)
        let (_, id) = try await service.createKey()
        for pairs: KeyValuePairs<String, String> in [
            ["token": token, "action": "create", "label": "x", "days": "30", "access": "everything"],
            ["token": token, "action": "rotate", "id": id], ["token": token, "action": "revoke", "id": id],
        ] {
            let response = await send(service, jar, pairs)
            #expect(response.status == .seeOther && response.headers[.location] == "/auth/login?again=1&rd=%2Fauth%2F")
        }
        #expect(await service.ask(.get, "/auth/login?again=1&rd=%2Fauth%2F").text.contains("This takes a fresh login."))
        let second = try await self.jar(service)
        #expect(await service.ask(.get, "/auth/whoami", headers: second).status == .ok)
        #expect(await send(service, jar, ["token": token, "action": "end-others"]).status == .seeOther)
        #expect(await service.ask(.get, "/auth/whoami", headers: second).status == .unauthorized)
        #expect(await service.ask(.get, "/auth/whoami", headers: jar).status == .ok)
        let young = try await self.jar(service, age: 590)
        let created = await send(
            service, young,
            [
                "token": try await self.token(service, young), "action": "create", "label": "x", "days": "30",
                "access": "everything",
            ])
        #expect(created.status == .created)
    }

    @Test(
        "A form that does not say plainly what is wanted makes no key; what the policy forbids is told, and not offered"
    )
    func policy() async throws {
        var keys = APIKeyRing.Options()
        keys.policy.maxLifetime = .seconds(40 * 86_400)
        keys.policy.requireLabel = true
        keys.policy.allowedScopes = [try #require(Scope("team/**:read"))]
        let service = try Service(keys: keys)
        let jar = try await jar(service)
        let page = await service.ask(.get, "/auth/", headers: jar).text
        #expect(
            page.contains("<option value=\"30\" selected>") && !page.contains("<option value=\"90\"")
                && !page.contains("value=\"never\""))
        #expect(page.contains("At most 40 days") && page.contains("Allowed are: team/**:read"))
        let token = try await token(service, jar)
        for (days, access, scopes, label) in [
            ("", "everything", "", "x"), ("0", "everything", "", "x"), ("-1", "everything", "", "x"),
            ("30", "", "", "x"),
            ("30", "some", "", "x"), ("30", "some", " \n ", "x"), ("30", "some", "[", "x"),
            ("30", "everything", "", "x"),
            ("90", "some", "team/a:read", "x"), ("never", "some", "team/a:read", "x"),
            ("30", "some", "team/a:read", " "),
            ("30", "some", "other", "x"),
        ] {
            let response = await send(
                service, jar,
                ["token": token, "action": "create", "label": label, "days": days, "access": access, "scopes": scopes])
            #expect(
                response.status == .badRequest && response.text.contains("role=\"alert\"")
                    && !response.text.contains("zak_"), "\(days) \(access) \(scopes)")
        }
        for body in [
            "", "token=\(token)", "token=\(token)&action=delete", "token=\(token)&action=revoke",
            "token=\(token)&action=revoke&id=x",
        ] {
            let status = await service.ask(.post, "/auth/", headers: jar, body: body).status
            #expect(status == (body.isEmpty ? .forbidden : .badRequest), "\(body)")
        }
        #expect(
            await service.ask(.post, "/auth/", headers: jar, body: String(repeating: "a=b&", count: 5000)).status
                == .contentTooLarge)
        let good = await send(
            service, jar,
            ["token": token, "action": "create", "label": "x", "days": "30", "access": "some", "scopes": "team/a:read"])
        #expect(good.status == .created)
    }

    @Test("The command that the page shows with a new key is one that a shell takes as it is meant, whatever the name")
    func command() async throws {
        let service = try Service()
        let jar = try await jar(service, "o'neil; $(id)")
        let made = await send(
            service, jar,
            ["token": try await token(service, jar), "action": "create", "days": "30", "access": "everything"])
        #expect(made.status == .created)
        let shown = try #require(made.text.firstMatch(of: #/<code>(docker login [^<]*)<\/code>/#), "\(made.text)")
            .output.1
        let command = String(shown).replacing("&#39;", with: "'").replacing("&quot;", with: "\"").replacing(
            "&amp;", with: "&")
        let output = try await Program("sh", package: "dash").run([
            "-c", "docker() { printf '%s\\n' \"$@\"; }; \(command)",
        ])
        #expect(output.standardOutput == "login\n-u\no'neil; $(id)\n--password-stdin\n", "\(command)")
    }

    @Test(
        "An administrator finds a person, revokes a key or all, ends sessions; each is in the trail, and nobody else sees the page"
    )
    func people() async throws {
        let service = try Service()
        let (key, id) = try await service.createKey()
        let theirs = try await jar(service)
        let admin = try await jar(service, "root")
        #expect(await service.ask(.get, "/auth/people", headers: theirs).status == .notFound)
        #expect(!(await service.ask(.get, "/auth/", headers: theirs)).text.contains("/auth/people"))
        #expect(await service.ask(.get, "/auth/", headers: admin).text.contains(#"href="/auth/people""#))
        let nobody = await service.ask(.get, "/auth/people?user=alice")
        #expect(
            nobody.status == .seeOther && nobody.headers[.location] == "/auth/login?rd=%2Fauth%2Fpeople%3Fuser%3Dalice")
        let gone = await service.ask(.post, "/auth/people", body: "user=alice")
        #expect(gone.headers[.location] == "/auth/login?rd=%2Fauth%2Fpeople", "what a form has sent is gone")
        let page = await service.ask(.get, "/auth/people?user=alice", headers: admin)
        #expect(page.status == .ok && page.text.contains("<dd>admins</dd>") && page.text.contains(id))
        #expect(page.text.contains("a browser") && !page.text.contains(#"value="rotate""#))
        #expect(await service.ask(.get, "/auth/people?user=%3Cb%3E", headers: admin).text.contains("&lt;b&gt;"))
        let token = try await token(service, admin)
        func send(_ action: String, _ more: String = "", from jar: HTTPFields? = nil, token given: String? = nil) async
            -> AuthResponse
        {
            await service.ask(
                .post, "/auth/people", headers: jar ?? admin,
                body: "token=\(given ?? token)&action=\(action)&user=alice\(more)")
        }
        #expect(await send("revoke", "&id=\(id)", token: "x").status == .forbidden)
        #expect(await send("revoke", "&id=\(id)", from: theirs).status == .notFound)
        #expect(await send("create", "&days=30&access=everything").status == .badRequest)
        #expect(await send("rotate", "&id=\(id)").status == .badRequest)
        #expect(await service.ask(.get, "/v2/", authorization: Service.basic("alice", key)).status == .ok)
        let old = try await jar(service, "root", age: 700)
        let again = await send("revoke-all", from: old, token: try await self.token(service, old))
        #expect(
            again.headers[.location] == "/auth/login?again=1&rd=%2Fauth%2Fpeople%3Fuser%3Dalice",
            "it takes a fresh login")
        let done = await send("revoke", "&id=\(id)")
        #expect(done.status == .seeOther && done.headers[.location] == "/auth/people?user=alice&done=revoked")
        #expect(await service.ask(.get, "/v2/", authorization: Service.basic("alice", key)).status == .unauthorized)
        let (second, _) = try await service.createKey()
        #expect(await send("revoke-all").status == .seeOther)
        #expect(await service.ask(.get, "/v2/", authorization: Service.basic("alice", second)).status == .unauthorized)
        #expect(await send("end-all").status == .seeOther)
        #expect(await service.ask(.get, "/auth/", headers: theirs).status == .seeOther)
        #expect(await service.ask(.get, "/auth/", headers: admin).status == .ok, "their own is another's")
        let alerts = service.audited.filter { if case .alert(.administrator) = $0.action { true } else { false } }
        #expect(alerts.count >= 4)
        #expect(
            service.audited.contains {
                if case .keyRevoked(_, _, owner: "alice") = $0.action { true } else { false }
            })
        // The forms of the other page are not this one's.
        let theirOwn = await service.ask(
            .post, "/auth/", headers: admin, body: "token=\(token)&action=revoke-all&user=alice")
        #expect(theirOwn.status == .badRequest)
    }

    @Test(
        "What is not there is a page to a browser and JSON to a program; the script is ours, and no page of passwords has one"
    )
    func nothing() async throws {
        let service = try Service()
        let browser: HTTPFields = [.accept: "text/html", .acceptLanguage: "de"]
        let page = await service.ask(.get, "/auth/nowhere", headers: browser)
        #expect(page.status == .notFound && page.text.contains("gibt es keine Seite"))
        #expect(page.headers[.contentType] == "text/html; charset=utf-8")
        let program = await service.ask(.get, "/auth/nowhere")
        #expect(program.status == .notFound && program.text.contains("errors"))
        let method = await service.ask(.put, "/auth/login", headers: browser)
        #expect(method.status == .methodNotAllowed && method.headers[.allow]?.contains("GET") == true)
        let script = await service.ask(.get, "/auth/page.js")
        #expect(script.headers[.contentType] == "text/javascript; charset=utf-8")
        let login = await service.ask(.get, "/auth/login")
        #expect(
            !login.text.contains("<script") && login.headers[.contentSecurityPolicy]?.contains("script-src") == false)
        let account = await service.ask(.get, "/auth/", headers: try await jar(service))
        #expect(account.headers[.contentSecurityPolicy]?.contains("script-src 'self'; connect-src 'self'") == true)
        #expect(account.text.contains(#"<script src="/auth/page.js" defer></script>"#))
        #expect(!account.text.contains("onclick") && !account.text.contains("style="))
    }
}
