import Foundation
import TestSupport
import Testing

@Suite("People log in by a third real provider, in Perl")
struct LemonLDAPTests {
    @Test("A login, a wrong password, a key made on the page after a fresh login, and a logout there too")
    func login() async throws { try await alone { try await loginTold() } }

    private func loginTold() async throws {
        let (folder, port) = (try TemporaryFolder(), try Ports.free())
        let provider = try await LemonLDAP(sendingBackTo: "http://127.0.0.1:\(port)")
        defer { withExtendedLifetime(provider) {} }
        let server = try await Latchkey(
            configuration: { _ in
                """
                http: { port: \(port), auth: { failDelay: 0, \(provider.configuration) } }
                storage: { rootDirectory: data }
                """
            }, folder: folder, port: port)
        let wrong = try await Browser(folder, name: "wrong").go(
            to: server.url + "/auth/login?provider=lemonldap", until: server.url,
            typing: ["user": "dwho", "password": "wrong"])
        #expect(wrong.cookies["latchkey"] == nil && !wrong.url.hasPrefix(server.url))
        let browser = Browser(folder)
        let page = try await browser.go(
            to: server.url + "/auth/login?provider=lemonldap&rd=/auth/", until: server.url,
            typing: ["user": "dwho", "password": "dwho"])
        let told = try server.log
        #expect(page.status == 200 && page.url == server.url + "/auth/", "\(page) \(told)")
        #expect(page.body.contains("<strong>dwho</strong> (Doctor Who)"), "\(page.body) \(told)")
        // It says when it has seen the password: a key can be made.
        let token = try #require(page.body.firstMatch(of: #/name="token" value="([0-9a-f]{64})"/#)).output.1
        let cookie = "latchkey=\(try #require(page.cookies["latchkey"]))"
        let created = try await server.curl(
            "/auth/", "-b", cookie, "-H", "Origin: \(server.url)", "-d",
            "token=\(token)&action=create&label=x&days=30&access=everything")
        let key = try #require(created.body.firstMatch(of: #/zak_[0-9a-f]{32}/#), "\(created)").output
        #expect(try await server.curl("/auth/verify", "-u", "dwho:\(key)").status == "200")
        let out = try await server.curl("/auth/logout", "-b", cookie, "-X", "POST", "-H", "Accept: text/html")
        let found = try #require(out.body.firstMatch(of: #/href="([^"]*oauth2/logout[^"]*)"/#), "\(out)").output.1
        let led = try await browser.go(to: String(found).replacing("&amp;", with: "&"), until: server.url)
        #expect(led.url.hasPrefix(server.url + "/auth/login"), "\(led.url) \(led.way)")
    }
}
