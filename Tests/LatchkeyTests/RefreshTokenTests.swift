import Foundation
import TestSupport
import Testing

@Suite("Refresh tokens of people in an htpasswd file")
struct RefreshTokenTests {
    private let folder: TemporaryFolder
    /// {SHA} of apple, and of pear.
    private static let (apple, pear) = ("{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=", "{SHA}Piv1+qLD/sH4QGigc7flHXrUSjU=")

    init() throws { folder = try TemporaryFolder() }

    private func write(_ lines: String...) throws {
        try folder.write("htpasswd", lines.map { $0 + "\n" }.joined())
    }

    private func ask(_ server: Latchkey, _ pairs: String...) async throws -> (status: String, refreshToken: String?) {
        let data = pairs.flatMap { ["--data-urlencode", $0] }
        let curl = try Program("curl", package: "curl")
        let output = try await curl.run(["-s", "-w", "\n%{http_code}"] + data + [server.url + "/auth/token"])
            .standardOutput
        let token = output.firstMatch(of: #/"refresh_token":"([^"]+)"/#)?.1.description
        return (output.split(separator: "\n").last.map(String.init) ?? "", token)
    }

    @Test("They live as long as the password: not after it was changed, nor after the user is gone; others' go on")
    func life() async throws {
        try write("amy:\(Self.apple)", "bob:\(Self.apple)")
        let server = try await Latchkey(
            auth: "htpasswd: { path: htpasswd }, apikey: true, tokens: { issuer: i, services: [registry] }",
            folder: folder)
        func login(_ user: String, _ password: String) async throws -> String {
            let answer = try await ask(
                server, "grant_type=password", "username=\(user)", "password=\(password)", "access_type=offline",
                "service=registry", "client_id=test")
            return try #require(answer.refreshToken, "\(answer)")
        }
        func status(_ token: String) async throws -> String {
            try await ask(
                server, "grant_type=refresh_token", "refresh_token=\(token)", "service=registry", "client_id=test"
            ).status
        }
        let (amy, bob) = (try await login("amy", "apple"), try await login("bob", "apple"))
        #expect(!amy.contains("apple"))
        for token in [amy, bob] { #expect(try await status(token) == "200") }
        #expect(try await status(amy + "x") == "401")
        try write("amy:\(Self.pear)", "bob:\(Self.apple)")
        try await eventually("amy's is over with her password") { try await status(amy) == "401" }
        #expect(try await status(bob) == "200")
        let new = try await login("amy", "pear")
        #expect(try await status(new) == "200")
        try write("bob:\(Self.apple)")
        try await eventually("amy is gone") { try await status(new) == "401" }
        // Whoever gets the name, and even the password, after a while is taken for the same: an htpasswd file has no other names.
        #expect(try await status(bob) == "200")
    }
}
