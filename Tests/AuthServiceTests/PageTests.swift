import Credentials
import Foundation
import HTTPTypes
import TestSupport
import Testing

@testable import AuthService

@Suite("Pages for people with browsers")
struct PageTests {
    private let own: HTTPFields

    init() throws {
        own = [
            try #require(.init("Host")): "auth.example.org", .origin: "https://auth.example.org", .accept: "text/html",
        ]
    }

    private func form(_ pairs: (String, String)...) -> String {
        pairs.map { "\($0.0)=\($0.1.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")" }.joined(
            separator: "&")
    }

    @Test("A right password begins a session and leads on; the page after it says who it is")
    func login() async throws {
        let service = try Service()
        let response = await service.ask(
            .post, "/auth/login", headers: own,
            body: form(("username", "alice"), ("password", "pass:word"), ("rd", "/auth/whoami")))
        // Not a redirection: a browser would hold what the application answers to the form's policy.
        #expect(response.status == .ok && response.headers[.location] == nil)
        #expect(response.text.contains(#"<meta http-equiv="refresh" content="0; url=/auth/whoami">"#))
        #expect(response.text.contains(#"href="/auth/whoami">Go on</a>"#))
        #expect(response.headers[.contentSecurityPolicy]?.contains("form-action 'self';") == true)
        var program = own
        program[.accept] = nil
        let redirected = await service.ask(
            .post, "/auth/login", headers: program,
            body: form(("username", "alice"), ("password", "pass:word"), ("rd", "/auth/whoami")))
        #expect(redirected.status == .seeOther && redirected.headers[.location] == "/auth/whoami")
        let cookie = try #require(response.headers[.setCookie])
        #expect(cookie.hasPrefix("latchkey=") && cookie.contains("; HttpOnly; SameSite=Lax"))
        let page = await service.ask(.get, "/auth/", headers: [.cookie: String(cookie.prefix { $0 != ";" })])
        #expect(page.status == .ok && page.text.contains("<strong>alice</strong> (Alice é)"))
        #expect(page.text.contains("<dd>admins</dd>") && page.text.contains("<dd>a,b</dd>"))
        let plain = await service.ask(
            .post, "/auth/login", headers: own,
            body: form(("username", "alice"), ("password", "pass:word"), ("rd", "//evil.example")))
        #expect(plain.status == .seeOther && plain.headers[.location] == "/auth/", "our own page leads nowhere")
        let nobody = await service.ask(.get, "/auth/")
        #expect(nobody.status == .seeOther && nobody.headers[.location] == "/auth/login?rd=%2Fauth%2F")
    }

    @Test(
        "A wrong one is 401 without a window of the browser's, and says the same of everybody; the delay and the throttle hold here too"
    )
    func wrong() async throws {
        let service = try Service(failDelay: .milliseconds(150))
        var pages: Set<String> = []
        for (user, password) in [("alice", "x"), ("nobody", "x"), ("disabled", "x")] {
            let begun = ContinuousClock.now
            let response = await service.ask(
                .post, "/auth/login", headers: own, body: form(("username", user), ("password", password)))
            #expect(response.status == .unauthorized && response.headers[.wwwAuthenticate] == nil)
            #expect(ContinuousClock.now - begun >= .milliseconds(150))
            #expect(response.headers[.setCookie] == nil && response.text.contains("role=\"alert\""))
            pages.insert(response.text.replacing(user, with: "USER"))
        }
        #expect(pages.count == 1)
        let outage = await service.ask(
            .post, "/auth/login", headers: own, body: form(("username", "outage"), ("password", "x")))
        #expect(outage.status == .serviceUnavailable && outage.headers[.retryAfter] == "5")
        #expect(!outage.text.contains("server.example"))
        let strict = try Service(throttle: .init())
        var statuses: [Int] = []
        for number in 0..<6 {
            statuses.append(
                await strict.ask(
                    .post, "/auth/login", headers: own,
                    body: form(("username", "alice"), ("password", "wrong \(number)"))
                ).status.code)
        }
        #expect(statuses.last == 429 && statuses.first == 401)
    }

    @Test("Nothing begins a session but one whole form, of a page of ours, with a password")
    func refused() async throws {
        let service = try Service()
        let (key, _) = try await service.createKey()
        let good = form(("username", "alice"), ("password", "pass:word"))
        var foreign = own
        foreign[.origin] = "https://evil.example"
        var hidden = own
        hidden[.origin] = "null"
        for (fields, body, status) in [
            (foreign, good, 403), (hidden, good, 403), (own, form(("username", "alice"), ("password", key)), 403),
            (own, "", 400), (own, "username=alice", 400), (own, good + "&username=alice", 400),
            (own, good + "&password=x", 400), (own, form(("username", ""), ("password", "x")), 400),
            (own, "%ff=%ff&username=%ff&password=%00", 401),
            (own, String(repeating: "a=b&", count: 10_000) + good, 413),
            (own, form(("username", "alice\u{0}"), ("password", "pass:word")), 401),
            (own, form(("username", String(repeating: "a", count: 2000)), ("password", "x")), 401),
        ] {
            let response = await service.ask(.post, "/auth/login", headers: fields, body: body)
            #expect(response.status.code == status && response.headers[.setCookie] == nil, "\(body.prefix(60))")
        }
        #expect(await service.ask(.put, "/auth/login").status == .methodNotAllowed)
    }

    @Test("Whatever somebody types or names comes back as text, and leads nowhere else")
    func injection() async throws {
        let service = try Service()
        let nasty = #""><script>alert(1)</script>&amp;'{{realm}}"#
        let response = await service.ask(
            .post, "/auth/login", headers: own,
            body: form(("username", nasty), ("password", "x"), ("rd", "/\"><script>")))
        #expect(!response.text.contains("<script>") && response.text.contains("&lt;script&gt;"))
        #expect(response.text.contains("{{realm}}"))
        for target in ["//evil.example", "https://evil.example", "javascript:alert(1)", "/\\evil.example"] {
            let encoded = target.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            let page = await service.ask(.get, "/auth/login?rd=\(encoded)")
            #expect(page.status == .ok && !page.text.contains("evil") && !page.text.contains("javascript"), "\(target)")
        }
    }

    @Test(
        "Every page has what keeps it from being framed, scripted, kept or handed on, in both languages",
        arguments: ["en", "de"])
    func headers(language: String) async throws {
        let service = try Service()
        let jar = try await service.logIn()
        for target in ["/auth/login", "/auth/"] {
            let response = await service.ask(
                .get, target,
                headers: [.cookie: jar[.cookie] ?? "", .acceptLanguage: "fr, \(language)-AT;q=0.8, es;q=0.9"])
            #expect(response.headers[.contentSecurityPolicy]?.contains("frame-ancestors 'none'") == true, "\(target)")
            #expect(response.headers[.contentSecurityPolicy]?.contains("default-src 'none'") == true)
            #expect(response.headers[.contentSecurityPolicy]?.contains("unsafe") == false)
            #expect(
                response.headers[.cacheControl] == "no-store" && response.headers[.xContentTypeOptions] == "nosniff")
            #expect(response.headers[FieldNames.referrerPolicy] == "same-origin")
            #expect(response.text.contains("<html lang=\"\(language)\">"))
            for forbidden in ["<script>", " style=", " onclick", "http://", "https://", "{{"] {
                #expect(!response.text.contains(forbidden), "\(target): \(forbidden)")
            }
        }
        let style = await service.ask(.get, PageStyle.path)
        #expect(style.status == .ok && style.headers[.contentType] == "text/css; charset=utf-8")
    }

    @Test("Both languages have the same words, and each page can be made")
    func words() {
        let names = PageWords.languages.map { Set($0.words.keys) }
        #expect(names.allSatisfy { $0 == names[0] } && names.count == 2)
        for name in PageTemplates.Name.allCases { #expect(PageTemplates.render(name, [:]) != nil, "\(name)") }
        for (field, tag) in [
            (nil, "en"), ("", "en"), ("de", "de"), ("de-CH", "de"), ("fr", "en"), ("en;q=0.5, de;q=0.6", "de"),
            ("de;q=0, en", "en"),
            ("den", "en"), (String(repeating: "x,", count: 5000) + "de", "en"), (";;q=x,,de;q=", "de"),
        ] as [(String?, String)] {
            #expect(PageWords.language(field).tag == tag, "\(field ?? "nil")")
        }
    }

    @Test(
        "A proxy's rule can send browsers to the login page, and they come back to where they wanted to go; programs get 401"
    )
    func forwardAuth() async throws {
        let service = try Service(trustedProxies: ["192.0.2.1"], returnOrigins: ["https://app.example.org"])
        func ask(_ target: String, _ changes: [String: String] = [:]) async throws -> AuthResponse {
            var fields: HTTPFields = [:]
            let usual = [
                "X-Forwarded-Method": "GET", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "app.example.org",
                "X-Forwarded-Uri": "/x?a=b&c=%20d", "Accept": "text/html,*/*;q=0.8",
            ]
            for (name, value) in usual.merging(changes, uniquingKeysWith: { $1 }) where !value.isEmpty {
                fields[try #require(.init(name))] = value
            }
            return await service.ask(.get, target, headers: fields)
        }
        let login = "/auth/login?rd=https%3A%2F%2Fapp.example.org%2Fx%3Fa%3Db%26c%3D%2520d"
        let redirected = try await ask("/auth/verify?login")
        #expect(redirected.status == .found && redirected.headers[.location] == login)
        #expect(redirected.headers[.cacheControl] == "no-store")
        for changes in [
            ["Accept": "", "Sec-Fetch-Mode": "navigate"],
            ["Accept": "*/*", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"],
            ["Accept": "TEXT/HTML"], ["Sec-Fetch-Mode": "navigate", "X-Requested-With": "com.example.browser"],
            ["X-Requested-With": "com.example.browser"],
        ] {
            #expect(try await ask("/auth/verify?login", changes).status == .found, "\(changes)")
        }
        #expect(try await ask("/auth/verify?login&group=admins").status == .found)
        for (target, changes) in [
            ("/auth/verify", [:]), ("/auth/verify?login", ["Accept": "application/json"]),
            ("/auth/verify?login", ["Accept": ""]), ("/auth/verify?login", ["Sec-Fetch-Mode": "cors"]),
            ("/auth/verify?login", ["Sec-Fetch-Mode": "same-origin"]),
            ("/auth/verify?login", ["Sec-Fetch-Mode": "no-cors"]),
            ("/auth/verify?login", ["Sec-Fetch-Mode": "websocket"]),
            ("/auth/verify?login", ["X-Requested-With": "XMLHttpRequest"]),
            ("/auth/verify?login", ["X-Requested-With": "xmlhttprequest"]),
        ] as [(String, [String: String])] {
            let response = try await ask(target, changes)
            #expect(response.status == .unauthorized && response.headers[.location] == nil, "\(target) \(changes)")
        }
        for changes in [
            ["X-Forwarded-Host": "evil.example"], ["X-Forwarded-Method": "POST"], ["X-Forwarded-Proto": "javascript"],
            ["X-Forwarded-Uri": "//evil.example/"], ["X-Forwarded-Uri": "@evil.example/"],
            ["X-Forwarded-Proto": "http"],
        ] {
            let response = try await ask("/auth/verify?login", changes)
            let location = response.headers[.location] ?? ""
            #expect(
                response.status == .found
                    && (location == "/auth/login"
                        || location.hasPrefix("/auth/login?rd=https%3A%2F%2Fapp.example.org%2F")),
                "\(changes): \(location)")
        }
        let wrong = try await ask("/auth/verify?login", ["Authorization": Service.basic("alice", "x")])
        #expect(wrong.status == .unauthorized)
        let jar = try await service.logIn()
        #expect(try await ask("/auth/verify?login", ["Cookie": jar[.cookie] ?? ""]).status == .ok)
        let direct = await service.ask(
            .get, "/auth/verify?login", headers: [.accept: "text/html"], peer: "198.51.100.7")
        #expect(direct.status == .unauthorized, "who is no proxy is sent nowhere")
    }

    @Test("A form's logout leads back to the login page")
    func logout() async throws {
        let service = try Service()
        let jar = try await service.logIn()
        var fields = own
        fields[.cookie] = jar[.cookie]
        let response = await service.ask(.post, "/auth/logout", headers: fields)
        #expect(response.status == .seeOther && response.headers[.location] == "/auth/login")
        #expect(await service.ask(.get, "/auth/whoami", headers: jar).status == .unauthorized)
    }
}
