import Foundation
import TestSupport
import Testing

/// GitHub is not asked until a browser comes back: what begins a login is seen without it.
@Suite("The cookies of logins that are under way")
struct LoginCookieTests {
    private func server() async throws -> Latchkey {
        try await Latchkey(
            auth: """
                openid: { callbackAllowOrigins: ["https://app.example.org"], providers: { github: { clientid: x, clientsecret: y, anybody: true, claimMapping: { username: login } } } }
                """)
    }

    /// Begins a login, and returns what the answer sets, each with whether it is kept.
    private func begin(_ server: Latchkey, _ target: String, _ jar: [(String, String)] = []) async throws -> [(
        name: String, value: String, isKept: Bool
    )] {
        let config = try server.folder.write(
            "curl", jar.isEmpty ? "" : "header = \"Cookie: \(jar.map { "\($0.0)=\($0.1)" }.joined(separator: "; "))\"\n"
        )
        let head = try await server.curl(
            "/auth/login?provider=github&rd=\(target)", "-D", "-", "-o", "/dev/null", "-K", config)
        #expect(head.body.contains("302"), "\(head)")
        return head.body.matches(of: #/(?m)^set-cookie: ([^=]+)=([^;]*);(.*)$/#.ignoresCase()).map {
            (String($0.output.1), String($0.output.2), !$0.output.3.contains("Max-Age=0"))
        }
    }

    @Test(
        "Each fits into a browser's 4 KiB, however an address is written that fits at all; else the login ends on the account page"
    )
    func each() async throws {
        let server = try await server()
        let targets = [
            "/" + String(repeating: "a/", count: 1000), "/" + String(repeating: "a", count: 2000),
            "/" + String(repeating: "%22", count: 2000),
            "https%3A%2F%2Fapp.example.org%2F" + String(repeating: "%22x/", count: 500),
            "/" + String(repeating: "%5C", count: 3), "/x",
        ]
        for target in targets {
            let cookies = try await begin(server, target)
            let cookie = try #require(cookies.first)
            #expect(cookies.count == 1 && cookie.isKept && cookie.name.hasPrefix("latchkey-login-"))
            #expect(cookie.name.utf8.count + cookie.value.utf8.count + 1 <= 4096, "\(target.prefix(40))")
        }
        let long = try await begin(server, targets[0])[0].value.utf8.count
        let plain = try await begin(server, targets[1])[0].value.utf8.count
        #expect(abs(long - plain) < 40, "a slash has one byte")
    }

    @Test("All together take up no more than a request can have: the oldest go, and the newest stays")
    func together() async throws {
        let server = try await server()
        var jar: [(name: String, value: String)] = [("other", String(repeating: "x", count: 100))]
        var most = 0
        for number in 0..<24 {
            let target = number < 12 ? "/x" : "/\(number)" + String(repeating: "a/", count: 900)
            let cookies = try await begin(server, target, jar)
            for cookie in cookies where !cookie.isKept { jar.removeAll { $0.name == cookie.name } }
            let new = try #require(cookies.last)
            #expect(new.isKept)
            jar.append((new.name, new.value))
            let field = jar.map { "\($0.name)=\($0.value)" }.joined(separator: "; ").utf8.count
            #expect(field < 6400, "after \(number): \(field)")
            most = max(most, jar.count)
        }
        #expect(jar.first?.name == "other" && most > 8, "short ones stay side by side: \(most)")
    }
}
