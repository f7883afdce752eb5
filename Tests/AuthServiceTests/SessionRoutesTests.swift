import APIKeys
import Credentials
import Foundation
import HTTPTypes
import Sessions
import TestSupport
import Testing

@testable import AuthService

@Suite("Sessions of browsers")
struct SessionRoutesTests {
    private let password = Service.basic("alice", "pass:word")

    private func zots(_ fields: HTTPFields = [:], origin: String? = nil) throws -> HTTPFields {
        var fields = fields
        fields[try #require(.init("X-ZOT-API-CLIENT"))] = "zot-ui"
        if let origin { fields[.origin] = origin }
        return fields
    }

    /// The cookies that an answer sets, as a browser sends them back.
    private func cookies(_ response: AuthResponse) -> [String: String] {
        var cookies: [String: String] = [:]
        for value in response.headers[values: .setCookie] {
            let pair = value.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            cookies[String(pair[0])] = value.contains("Max-Age=0") ? nil : String(pair[1])
        }
        return cookies
    }

    @Test("zot's page shows a password once, and from then on its cookies; nobody else gets any, and no key does")
    func zotLogin() async throws {
        let service = try Service()
        let response = await service.ask(.get, "/v2/", authorization: password, headers: try zots())
        #expect(response.status == .ok)
        let cookies = cookies(response)
        #expect(cookies["user"] == "alice")
        let session = try #require(cookies["session"])
        #expect(
            response.headers[values: .setCookie].contains(
                "session=\(session); Path=/; Max-Age=86400; HttpOnly; SameSite=Lax"))
        let jar: HTTPFields = [.cookie: "user=alice; session=\(session)"]
        #expect(await service.ask(.get, "/zot/auth/apikey", headers: try zots(jar)).status == .ok)
        #expect(await service.ask(.get, "/v2/", headers: jar).status == .unauthorized, "it is zot's page's alone")
        #expect(await service.ask(.get, "/v2/", authorization: password).headers[.setCookie] == nil)
        let (key, _) = try await service.createKey()
        let byKey = await service.ask(.get, "/v2/", authorization: Service.basic("alice", key), headers: try zots())
        #expect(byKey.status == .ok && byKey.headers[.setCookie] == nil)
        let wrong = await service.ask(.get, "/v2/", authorization: Service.basic("alice", "x"), headers: try zots())
        #expect(wrong.status == .unauthorized && wrong.headers[.setCookie] == nil)
        #expect(wrong.headers[.wwwAuthenticate] == nil)
        let foreign = await service.ask(
            .get, "/v2/", authorization: password, headers: try zots(origin: "https://evil.example"))
        #expect(foreign.headers[.setCookie] == nil, "nobody is logged in by somebody else's page")
    }

    @Test("Each login has a session of its own, and ends the one that the browser had")
    func fixation() async throws {
        let service = try Service()
        let first = try #require(
            cookies(await service.ask(.get, "/v2/", authorization: password, headers: try zots()))["session"])
        let second = try #require(
            cookies(
                await service.ask(
                    .get, "/v2/", authorization: password, headers: try zots([.cookie: "session=\(first)"])))["session"]
        )
        #expect(first != second)
        #expect(
            await service.ask(.get, "/v2/", headers: try zots([.cookie: "session=\(first)"])).status == .unauthorized)
        let planted = String(repeating: "A", count: 43)
        let third = try #require(
            cookies(
                await service.ask(
                    .get, "/v2/", authorization: password, headers: try zots([.cookie: "session=\(planted)"])))[
                    "session"])
        #expect(third != planted)
    }

    @Test("A session alone changes nothing: it takes a field that no other origin's page can send, and a page of ours")
    func crossSite() async throws {
        let service = try Service(allowedOrigins: ["https://ui.example.org"])
        let jar = try await service.logIn()
        var own = jar
        own.append(HTTPField(name: try #require(.init("Host")), value: "auth.example.org:8080"))
        func create(_ fields: HTTPFields) async -> HTTPResponse.Status {
            await service.ask(.post, "/zot/auth/apikey", headers: fields, body: "{}").status
        }
        #expect(await create(jar) == .forbidden)
        #expect(await create(try zots(jar)) == .created, "a program that has a cookie is no page")
        #expect(await create(try zots(own, origin: "http://auth.example.org:8080")) == .created)
        #expect(await create(try zots(own, origin: "https://ui.example.org")) == .created)
        for origin in [
            "https://evil.example", "null", "http://auth.example.org:8081", "http://auth.example.org.evil.example:8080",
            "http://auth.example.org", "", "auth.example.org:8080", "http://auth.example.org:8080@evil.example",
        ] {
            #expect(await create(try zots(own, origin: origin)) == .forbidden, "\(origin)")
        }
        var sibling = try zots(own)
        for site in ["same-site", "cross-site"] {
            sibling[try #require(.init("Sec-Fetch-Site"))] = site
            #expect(await create(sibling) == .forbidden, "\(site)")
        }
        sibling[try #require(.init("Sec-Fetch-Site"))] = "same-origin"
        #expect(await create(sibling) == .created)
        #expect(await service.ask(.get, "/zot/auth/apikey", headers: jar).status == .ok, "looking changes nothing")
        #expect(await service.ask(.post, "/auth/verify", headers: jar).status == .ok, "that is the application's")
        var logOut = jar
        logOut[.origin] = "https://evil.example"
        #expect(await service.ask(.post, "/auth/logout", headers: logOut).status == .forbidden)
        #expect(await service.ask(.get, "/auth/whoami", headers: jar).status == .ok)
    }

    @Test("Logging out ends the session wherever it is known, and takes the cookies away")
    func logout() async throws {
        let service = try Service()
        let (jar, other) = (try await service.logIn(), try await service.logIn())
        let loop = service.service.newLoop()
        func known(_ fields: HTTPFields) -> HTTPResponse.Status? {
            service.service.answerIfKnown(
                AuthRequest(method: .get, target: "/auth/verify", headers: fields, peer: nil), on: loop)?.status
        }
        #expect(await service.ask(.get, "/auth/verify", headers: jar, peer: "192.0.2.1").status == .ok)
        #expect(await service.ask(.get, "/auth/verify", headers: other).status == .ok)
        #expect(known(jar) == .ok && known(jar) == .ok && known(other) == .ok)
        let response = await service.ask(.post, "/auth/logout", headers: jar)
        #expect(response.status == .ok && response.text == "{}")
        #expect(response.headers[values: .setCookie] == ["latchkey=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"])
        #expect(known(jar) == nil && known(other) == .ok)
        #expect(await service.ask(.get, "/auth/verify", headers: jar).status == .unauthorized)
        #expect(await service.ask(.post, "/auth/logout").status == .ok, "without a session there is nothing to end")
        #expect(await service.ask(.get, "/auth/logout", headers: other).status == .methodNotAllowed)
        #expect(service.audited.contains { if case .sessionEnded = $0.action { true } else { false } })
    }

    @Test("People list and end their sessions; administrators those of others, who see nothing of theirs")
    func lists() async throws {
        let service = try Service()
        let (jar, _) = (try await service.logIn(), try await service.logIn())
        let bobs = try await service.logIn("bob")
        func sessions(_ target: String, _ authorization: String?, _ fields: HTTPFields = [:]) async throws -> [[String:
            Any]]
        {
            let response = await service.ask(.get, target, authorization: authorization, headers: fields)
            return try response.object()["sessions"] as? [[String: Any]] ?? []
        }
        let own = try await sessions("/auth/sessions", nil, jar)
        #expect(own.compactMap { $0["isCurrent"] as? Bool } == [true, false])
        #expect(try await sessions("/auth/sessions", password).count == 2)
        let bobsID = try #require(
            try await sessions("/auth/sessions?user=bob", Service.basic("root", "root")).first?["uuid"] as? String)
        #expect(await service.ask(.get, "/auth/sessions?user=bob", authorization: password).status == .notFound)
        #expect(await service.ask(.delete, "/auth/sessions?id=\(bobsID)", authorization: password).status == .notFound)
        #expect(
            await service.ask(.delete, "/auth/sessions?user=bob&id=\(bobsID)", authorization: password).status
                == .notFound)
        for query in ["", "?id=", "?id=x&id=y", "?all=false", "?id=\(bobsID)&all=true"] {
            let status = await service.ask(.delete, "/auth/sessions\(query)", authorization: password).status
            #expect(status == .badRequest || query == "?id=" && status == .notFound, "\(query)")
        }
        #expect(await service.ask(.get, "/auth/whoami", headers: bobs).status == .ok)
        let ended = await service.ask(
            .delete, "/auth/sessions?user=bob&all=true", authorization: Service.basic("root", "root"))
        #expect(try ended.object()["ended"] as? [String] == [bobsID])
        #expect(await service.ask(.get, "/auth/whoami", headers: bobs).status == .unauthorized)
        #expect(await service.ask(.delete, "/auth/sessions?all=true", authorization: password).status == .ok)
        #expect(await service.ask(.get, "/auth/whoami", headers: jar).status == .unauthorized)
        let (scoped, _) = try await service.createKey(#"{"scopes": ["repo1"]}"#)
        #expect(
            await service.ask(.get, "/auth/sessions", authorization: Service.basic("alice", scoped)).status
                == .forbidden)
    }

    @Test("A credential goes before the cookie: a wrong one is not saved by a session")
    func order() async throws {
        let service = try Service()
        let jar = try await service.logIn()
        #expect(
            await service.ask(.get, "/auth/whoami", authorization: Service.basic("alice", "x"), headers: jar).status
                == .unauthorized)
        #expect(await service.ask(.get, "/auth/whoami", authorization: "Basic !", headers: jar).status == .unauthorized)
        let bob = await service.ask(.get, "/auth/whoami", authorization: Service.basic("bob", "bob"), headers: jar)
        #expect(try bob.object()["userName"] as? String == "bob")
        let empty = await service.ask(.get, "/auth/whoami", authorization: "Basic Og==", headers: jar)
        #expect(try empty.object()["userName"] as? String == "alice", "a pair of nothing is none")
        let request = AuthRequest(
            method: .get, target: "/auth/whoami", headers: jar.merged([.authorization: "Basic Og=="]), peer: nil)
        #expect(service.service.answerIfKnown(request)?.status != .unauthorized, "the short way says no other")
    }

    @Test("Malformed, huge and many cookies are no credential, and cost no more than a look")
    func malformed() async throws {
        let service = try Service()
        let jar = try await service.logIn()
        let good = try #require(jar[.cookie])
        let other = "latchkey=" + SessionToken.random().text
        for cookie in [
            "latchkey=", "latchkey=x", good + "x", "LATCHKEY" + good.dropFirst(8), "\(other); latchkey=",
            (0..<100).map { _ in "latchkey=\(SessionToken.random().text)" }.joined(separator: "; "),
            String(repeating: "a=b; ", count: 10_000) + other, "latchkey=" + String(repeating: "A", count: 60_000),
            String(repeating: "latchkey=; ", count: 5_000), "latchkey=\"\(good.dropFirst(9))\"", ";=;=;latchkey;",
        ] {
            for target in ["/auth/verify", "/auth/whoami", "/zot/auth/apikey", "/v2/"] {
                #expect(
                    await service.ask(.get, target, headers: [.cookie: cookie]).status == .unauthorized,
                    "\(cookie.prefix(80))")
            }
        }
        let many = String(repeating: "a=b; ", count: 1000) + good
        #expect(await service.ask(.get, "/auth/verify", headers: [.cookie: many]).status == .ok)
    }

    @Test("Where passwords are for managing keys alone, a password still begins a session of zot's page")
    func keyManagementOnly() async throws {
        var keys = APIKeyRing.Options()
        keys.policy.passwords = .keyManagementOnly
        let service = try Service(keys: keys)
        #expect(await service.ask(.get, "/v2/", authorization: password).status == .forbidden)
        let response = await service.ask(.get, "/v2/", authorization: password, headers: try zots())
        let session = try #require(cookies(response)["session"])
        #expect(await service.ask(.get, "/v2/", headers: try zots([.cookie: "session=\(session)"])).status == .ok)
    }

    @Test("zot's page learns by what people can log in, without a credential; a wrong one is 401")
    func management() async throws {
        let service = try Service()
        let response = await service.ask(.get, "/v2/_zot/ext/mgmt")
        #expect(response.text.contains(#""http":{"auth":{"apikey":true,"htpasswd":{}}}"#))
        let none = try Service(takesPasswords: false)
        #expect(await none.ask(.get, "/v2/_zot/ext/mgmt").text.contains(#""http":{"auth":{"apikey":true}}"#))
        #expect(await service.ask(.get, "/v2/_zot/ext/mgmt", authorization: password).status == .ok)
        #expect(
            await service.ask(.get, "/v2/_zot/ext/mgmt", authorization: Service.basic("alice", "x")).status
                == .unauthorized)
        #expect(await service.ask(.patch, "/v2/_zot/ext/mgmt").status == .methodNotAllowed)
    }
}

extension HTTPFields {
    fileprivate func merged(_ other: HTTPFields) -> HTTPFields {
        var fields = self
        for field in other { fields.append(field) }
        return fields
    }
}
