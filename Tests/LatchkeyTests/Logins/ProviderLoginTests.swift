import Foundation
import TestSupport
import Testing

@Suite("People log in with a browser, by a real provider", .serialized)
struct ProviderLoginTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A server, and a provider that knows it.
    private func start(_ more: String = "", identities: String = "") async throws -> (
        server: Latchkey, provider: Canaille
    ) {
        // Its port must be known before the provider is: a first run gives it.
        try folder.write("htpasswd", "carol:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        let port = try Ports.free()
        let provider = try await Canaille(sendingBackTo: "http://127.0.0.1:\(port)")
        let server = try await Latchkey(
            configuration: { _ in
                """
                http: { port: \(port), auth: { failDelay: 0, htpasswd: { path: htpasswd }, \(provider.configuration(identities)) } \(more) }
                storage: { rootDirectory: data }
                log: { audit: audit.log }
                """
            }, folder: folder, port: port)
        return (server, provider)
    }

    private func logIn(
        _ browser: Browser, _ server: Latchkey, as user: String = "alice", password: String? = nil,
        at path: String = "/auth/login?provider=canaille&rd=/auth/whoami"
    ) async throws -> Browser.Page {
        try await browser.go(
            to: server.url + path, until: server.url,
            typing: ["login": user, "password": password ?? Canaille.people[user] ?? ""])
    }

    @Test("A login ends in a session, with groups and all; a key made by it works at the command line")
    func whole() async throws { try await alone { try await wholeTold() } }

    private func wholeTold() async throws {
        let (server, provider) = try await start()
        defer { withExtendedLifetime(provider) {} }
        let browser = Browser(folder)
        let page = try await logIn(browser, server)
        let told = try server.log
        #expect(page.status == 200 && page.url == server.url + "/auth/whoami", "\(page.body) \(told)")
        #expect(
            page.body.contains(#""groups":["canaille:admins"]"#) && page.body.contains(#""source":"openid:canaille""#))
        #expect(page.body.contains(#""userName":"alice""#) && page.body.contains(#""method":"session""#))
        #expect(
            page.way.contains {
                $0.hasPrefix(provider.issuer + "/oauth/authorize") && $0.contains("code_challenge_method=S256")
            })
        #expect(!page.cookies.keys.contains { $0.hasPrefix("latchkey-login") }, "what a login needs is gone with it")
        let cookie = "latchkey=\(try #require(page.cookies["latchkey"]))"
        let created = try await server.curl(
            "/zot/auth/apikey", "-b", cookie, "-H", "X-ZOT-API-CLIENT: zot-ui", "-d", "{}")
        #expect(created.status == "201")
        let key = try #require(created.body.firstMatch(of: #/zak_[0-9a-f]{32}/#)).output
        #expect(try await server.curl("/auth/whoami", "-u", "alice:\(key)").status == "200")
        #expect(try await server.curl("/auth/verify?group=canaille:admins", "-u", "alice:\(key)").status == "200")
        #expect(try await server.curl("/auth/verify", "-b", cookie).status == "200")
        await server.stop()
        let again = try await Latchkey(restarting: server)
        #expect(try await again.curl("/auth/verify", "-b", cookie).status == "200", "it outlives a restart")
        #expect(try await again.curl("/auth/verify", "-u", "alice:\(key)").status == "200")
        #expect(try await again.curl("/auth/logout", "-b", cookie, "-X", "POST").status == "200")
        #expect(try await again.curl("/auth/verify", "-b", cookie).status == "401")
        try await eventually("the trail tells of the logout") {
            try folder.text("audit.log").contains(#""event":"session-ended""#)
        }
        let (trail, log) = (try folder.text("audit.log"), try again.log)
        #expect(trail.contains(#""event":"session-begun""#) && trail.contains(#""event":"session-ended""#))
        for secret in [Canaille.clientSecret, String(cookie.dropFirst(9)), String(key)] {
            #expect(!trail.contains(secret) && !log.contains(secret))
        }
    }

    @Test("Whoever does not log in at the provider has no session, and a wrong password none either")
    func refused() async throws { try await alone { try await refusedTold() } }

    private func refusedTold() async throws {
        let (server, provider) = try await start()
        defer { withExtendedLifetime(provider) {} }
        let page = try await Browser(folder).go(
            to: server.url + "/auth/login?provider=canaille", until: server.url,
            typing: ["login": "alice", "password": "wrong"])
        #expect(page.cookies["latchkey"] == nil && page.url.hasPrefix(provider.issuer))
        #expect(try await server.curl("/auth/login?provider=other").status == "400")
        #expect(try await server.curl("/zot/auth/login").status == "400", "only ours has a page")
        #expect(try await server.curl("/auth/login").body.contains("Log in with Corporate SSO"))
        #expect(try await server.curl("/auth/callback/other?code=x&state=y").status == "404")
        #expect(try await server.curl("/auth/callback/canaille").status == "401")
        #expect(try await server.curl("/auth/callback/canaille?code=x&state=y").status == "401")
        #expect(try await server.curl("/auth/callback/canaille?error=access_denied&state=y").status == "401")
        #expect(try await server.curl("/auth/login?provider=canaille", "-X", "POST").status == "400")
    }

    @Test("A login is of the browser that began it, and ends once: a stolen, replayed or foreign way back is refused")
    func binding() async throws { try await alone { try await bindingTold() } }

    private func bindingTold() async throws {
        let (server, provider) = try await start()
        defer { withExtendedLifetime(provider) {} }
        let (browser, other) = (Browser(folder), Browser(folder, name: "other"))
        let callback = server.url + "/auth/callback/"
        let page = try await browser.go(
            to: server.url + "/auth/login?provider=canaille", until: server.url, stopBefore: callback,
            typing: ["login": "alice", "password": try #require(Canaille.people["alice"])])
        // The last answer was the redirection to the callback, which nobody has followed yet.
        let way = try #require(page.way.last)
        #expect(!way.hasPrefix(callback))
        let back = page.url
        #expect(back.hasPrefix(callback) && back.contains("code="))
        // Login CSRF: somebody else's browser is sent there.
        #expect(try await other.go(to: back, until: server.url).status == 401)
        // The very browser, with another login's state or another provider's name.
        #expect(try await browser.go(to: back.replacing("state=", with: "state=x"), until: server.url).status == 401)
        let mixed = back.replacing(#/iss=[^&]*/#, with: "iss=https%3A%2F%2Fevil.example")
        #expect(mixed != back)
        #expect(try await browser.go(to: mixed, until: server.url).status == 401)
        // That has ended the login: nobody ends it a second time.
        #expect(try await browser.go(to: back, until: server.url).status == 401)
        let good = try await logIn(browser, server)
        #expect(good.status == 200)
        let used = try #require(good.way.first { $0.hasPrefix(callback) })
        #expect(try await browser.go(to: used, until: server.url).status == 401)
    }

    @Test("Two tabs log in side by side, and a browser goes only where it may")
    func tabs() async throws { try await alone { try await tabsTold() } }

    private func tabsTold() async throws {
        let (server, provider) = try await start()
        defer { withExtendedLifetime(provider) {} }
        let browser = Browser(folder)
        let callback = server.url + "/auth/callback/"
        let typing = ["login": "alice", "password": try #require(Canaille.people["alice"])]
        let (first, second) = (
            try await browser.go(
                to: server.url + "/auth/login?provider=canaille&rd=/healthz", until: server.url, stopBefore: callback,
                typing: typing),
            try await browser.go(
                to: server.url + "/auth/login?provider=canaille&rd=/auth/whoami", until: server.url,
                stopBefore: callback, typing: typing)
        )
        #expect(try await browser.go(to: second.url, until: server.url).url == server.url + "/auth/whoami")
        try await Canaille.nextSecond()
        #expect(try await browser.go(to: first.url, until: server.url).url == server.url + "/healthz")
        for (target, goes) in [
            ("https%3A%2F%2Fevil.example", server.url + "/auth/"), ("%2F%2Fevil.example", server.url + "/auth/"),
            ("%2F%5Cevil.example", server.url + "/auth/"),
            ("http%3A%2F%2Fapp.example%3A3000%2Fhome", "http://app.example:3000/home"),
        ] {
            try await Canaille.nextSecond()
            let page = try await browser.go(
                to: server.url + "/auth/login?provider=canaille&rd=\(target)", until: server.url,
                stopBefore: "http://app.example:3000",
                typing: typing)
            #expect(page.url == goes, "\(target)")
        }
    }

    @Test(
        "zot's way in: its cookies, 201 for who has not said where to go, and what its page asks first names the provider"
    )
    func zots() async throws { try await alone { try await zotsTold() } }

    private func zotsTold() async throws {
        let (server, provider) = try await start()
        defer { withExtendedLifetime(provider) {} }
        let page = try await logIn(Browser(folder), server, at: "/zot/auth/login?provider=canaille")
        #expect(page.status == 201 && page.body.isEmpty)
        #expect(page.cookies["user"] == "alice")
        let cookie = "session=\(try #require(page.cookies["session"]))"
        #expect(
            try await server.curl("/zot/auth/apikey", "-b", cookie, "-H", "X-ZOT-API-CLIENT: zot-ui").status == "200")
        let logout = try await server.curl("/zot/auth/logout", "-b", cookie, "-X", "POST")
        #expect(
            logout.status == "200"
                && logout.body.contains(#"{"endSessionUrl":"\#(provider.issuer)/oauth/end_session?client_id=latchkey"#))
        #expect(try await server.curl("/zot/auth/logout", "-b", cookie, "-X", "POST").body == "{}")
        let management = try await server.curl("/v2/_zot/ext/mgmt").body
        #expect(management.contains(#""openid":{"providers":{"canaille":{"name":"Corporate SSO"}}}"#))
        #expect(management.contains(#""apikey":true"#) && management.contains(#""htpasswd":{}"#))
    }

    @Test("A user name belongs to whoever has it: a person of the htpasswd file is nobody's to become")
    func names() async throws { try await alone { try await namesTold() } }

    private func namesTold() async throws {
        let (server, provider) = try await start()
        defer { withExtendedLifetime(provider) {} }
        try folder.write(
            "htpasswd", "carol:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\nalice:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        try await eventually("the file's alice is there") {
            try await server.curl("/auth/whoami", "-u", "alice:apple").status == "200"
        }
        let page = try await logIn(Browser(folder), server)
        #expect(page.status == 403 && page.cookies["latchkey"] == nil)
        try await eventually("the log tells why") { try server.log.contains("the user name belongs to somebody else") }
        #expect(try await logIn(Browser(folder, name: "bob"), server, as: "bob").status == 200)
    }

    @Test("An operator links somebody at the provider to a person of another source, or gives them a name")
    func links() async throws { try await alone { try await linksTold() } }

    private func linksTold() async throws {
        let (server, provider) = try await start(
            identities: """
                identities: [{ provider: canaille, subject: alice, user: carol }, { provider: canaille, subject: bob, user: robert }], 
                """)
        defer { withExtendedLifetime(provider) {} }
        let page = try await logIn(Browser(folder), server)
        #expect(page.status == 200, "\(page.body)")
        #expect(
            page.body.contains(#""userName":"carol""#) && page.body.contains(#""source":"htpasswd""#), "\(page.body)")
        #expect(page.body.contains(#""groups":[]"#), "a file's person has the file's groups")
        // What carol has made by her password is there: they are one person.
        let cookie = "latchkey=\(try #require(page.cookies["latchkey"]))"
        let made = try await server.curl("/zot/auth/apikey", "-u", "carol:apple", "-d", #"{"label":"by password"}"#)
        #expect(made.status == "201")
        #expect(try await server.curl("/zot/auth/apikey", "-b", cookie).body.contains("by password"))
        let bob = try await logIn(Browser(folder, name: "bob"), server, as: "bob")
        #expect(
            bob.body.contains(#""userName":"robert""#) && bob.body.contains(#""source":"openid:canaille""#),
            "\(bob.body)")
        // The link goes with its person.
        try folder.write("htpasswd", "dave:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        try await eventually("carol is gone, and so is what was hers") {
            try await server.curl("/auth/verify", "-b", cookie).status == "401"
        }
    }

    @Test("Logging out offers the logout at the provider, which ends there without a question and leads back")
    func logout() async throws { try await alone { try await logoutTold() } }

    private func logoutTold() async throws {
        let (server, provider) = try await start()
        defer { withExtendedLifetime(provider) {} }
        let browser = Browser(folder)
        let page = try await logIn(browser, server)
        let cookie = "latchkey=\(try #require(page.cookies["latchkey"]))"
        let out = try await server.curl(
            "/auth/logout", "-b", cookie, "-X", "POST", "-H", "Accept: text/html", "-H", "Accept-Language: de")
        #expect(out.status == "200" && out.body.contains("Abmelden bei Corporate SSO"), "\(out)")
        #expect(try await server.curl("/auth/verify", "-b", cookie).status == "401")
        let found = try #require(out.body.firstMatch(of: #/href="([^"]*end_session[^"]*)"/#)).output.1
        let address = String(found).replacing("&amp;", with: "&")
        #expect(address.hasPrefix(provider.issuer) && address.contains("id_token_hint=eyJ"))
        let led = try await browser.go(to: address, until: server.url)
        #expect(led.url.hasPrefix(server.url + "/auth/login"), "\(led.url) \(led.way)")
        // There too: the next login asks for the password.
        let again = try await browser.go(
            to: server.url + "/auth/login?provider=canaille&rd=/auth/whoami", until: server.url)
        #expect(!again.url.hasPrefix(server.url), "\(again.url)")
    }

    @Test("A provider that is down keeps neither the start nor any other login")
    func outage() async throws {
        try folder.write("htpasswd", "carol:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        let server = try await Latchkey(
            auth: """
                htpasswd: { path: htpasswd }, openid: { providers: { gone: { issuer: "http://127.0.0.1:1", clientid: x, clientsecret: y } } }
                """, folder: folder)
        #expect(try await server.curl("/auth/whoami", "-u", "carol:apple").status == "200")
        let answer = try await server.curl("/auth/login?provider=gone")
        #expect(answer.status == "503" && !answer.body.contains("127.0.0.1:1"))
        // The log is written behind the answer.
        try await eventually("the log tells why") {
            try server.log.contains("the provider can't be reached: Connection refused")
        }
    }
}
