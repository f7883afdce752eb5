import Foundation
import TestSupport
import Testing

@Suite("The pages in a real browser")
struct ChromiumTests {
    @Test(
        "People log in, make, rotate and revoke keys, end sessions and log out, in chromium; axe finds nothing on any page"
    )
    func pages() async throws { try await alone { try await pagesTold() } }

    private func pagesTold() async throws {
        _ = try Program("chromium", package: "chromium")
        _ = try Program("chromedriver", package: "chromium-driver")
        let python = try Program(python: "python", distribution: "selenium axe-selenium-python")
        let folder = try TemporaryFolder()
        try folder.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        // What the script has typed wrong must not slow down what it types right.
        let server = try await Latchkey(
            auth: """
                htpasswd: { path: htpasswd }, apiKeys: { administrators: { users: [amy] } }, openid: { providers: { corp: { name: Corporate SSO, issuer: "http://127.0.0.1:1", clientid: x } } }
                """, folder: folder)
        let script = Slapd.repository.appending(path: "fixtures/logins/chromium.py").path
        let output = try await python.run([script, server.url, "amy", "apple"])
        #expect(output.status == 0, "\(output.standardOutput) \(output.standardError.suffix(2000))")
        #expect(output.standardOutput.split(separator: "\n").count > 25)
        // All of them were revoked in the end.
        let key = try #require(output.standardOutput.firstMatch(of: #/key: (zak_[0-9a-f]{32})/#)).output.1
        #expect(try await server.curl("/auth/whoami", "-u", "amy:\(key)").status == "401")
    }

    @Test(
        "People log in by each real provider, and out there too, in chromium; a login that has expired is told; axe finds nothing"
    )
    func providers() async throws { try await alone { try await providersTold() } }

    private func providersTold() async throws {
        let script = Slapd.repository.appending(path: "fixtures/logins/chromium-provider.py").path
        let python = try Program(python: "python", distribution: "selenium axe-selenium-python")
        let (folder, port) = (try TemporaryFolder(), try Ports.free())
        let origin = "http://127.0.0.1:\(port)"
        let (canaille, glewlwyd, lemonldap) = (
            try await Canaille(sendingBackTo: origin), try await Glewlwyd(sendingBackTo: origin),
            try await LemonLDAP(sendingBackTo: origin)
        )
        defer { withExtendedLifetime((canaille, glewlwyd, lemonldap)) {} }
        let providers = [canaille.provider, glewlwyd.provider(), lemonldap.provider].joined(separator: ", ")
        let server = try await Latchkey(
            configuration: { _ in
                """
                http: { port: \(port), auth: { failDelay: 0, openid: { providers: { \(providers) } } } }
                storage: { rootDirectory: data }
                """
            }, folder: folder, port: port)
        // `make pictures` keeps what the pages look like.
        let pictures = ProcessInfo.processInfo.environment["LATCHKEY_PICTURES"].map { ["--pictures", $0] } ?? []
        // glewlwyd's page for the logout stays empty in Debian's set-up: GlewlwydTests does what it should.
        for (name, user, password, steps, more) in [
            ("Corporate SSO", "bob", try #require(Canaille.people["bob"]), 17, pictures),
            ("glewlwyd", Glewlwyd.user, Glewlwyd.password, 15, ["--here"]), ("lemonldap", "dwho", "dwho", 17, []),
        ] {
            let output = try await python.run([script, server.url, name, user, password] + more)
            #expect(
                output.status == 0 && output.standardOutput.split(separator: "\n").count == steps,
                "\(name): \(output.standardOutput) \(output.standardError.suffix(1500))")
        }
    }

    @Test(
        "A right password leads on whatever the application answers: to a third origin too, in chromium, which holds redirections after a form to its policy; cookies of before and of a neighbour keep nobody out there"
    )
    func goesOn() async throws { try await alone { try await goesOnTold() } }

    private func goesOnTold() async throws {
        let python = try Program(python: "python", distribution: "selenium axe-selenium-python")
        let folder = try TemporaryFolder()
        try folder.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        let (application, third) = (try Ports.free(), try Ports.free())
        let server = try await Latchkey(
            auth: """
                htpasswd: { path: htpasswd }, openid: { callbackAllowOrigins: ["http://127.0.0.1:\(application)"], providers: { corp: { issuer: "http://127.0.0.1:1", clientid: x } } }
                """, folder: folder)
        let script = Slapd.repository.appending(path: "fixtures/logins/chromium-going-on.py").path
        let output = try await python.run([script, server.url, "amy", "apple", "\(application)", "\(third)"])
        #expect(output.status == 0, "\(output.standardOutput) \(output.standardError.suffix(2000))")
        #expect(output.standardOutput.split(separator: "\n").count == 9, "\(output.standardOutput)")
    }
}
