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
}
