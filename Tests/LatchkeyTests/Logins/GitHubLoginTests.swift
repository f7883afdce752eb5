import Foundation
import TestSupport
import Testing

@Suite("People log in by a GitHub of one's own, as it documents its answers")
struct GitHubLoginTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// What the GitHub answers, each as JSON.
    private func answers(_ changes: [String: String] = [:]) throws {
        var answers = [
            "/login/oauth/access_token": #"{"body": {"access_token": "gho_x", "token_type": "bearer"}}"#,
            "/api/v3/user": #"{"body": {"login": "octocat", "id": 4711, "name": "The Octocat"}}"#,
            "/api/v3/user/emails?per_page=100":
                #"{"body": [{"email": "o@example.org", "primary": true, "verified": true}]}"#,
            "/api/v3/user/orgs?per_page=100&page=1": #"{"body": [{"login": "acme"}]}"#,
            "/api/v3/user/teams?per_page=100&page=1":
                #"{"body": [{"slug": "core", "organization": {"login": "acme"}}]}"#,
        ]
        answers.merge(changes) { $1 }
        try folder.write(
            "answers.json", "{" + answers.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ",") + "}")
    }

    private func start(
        _ more: String, userName: String = "login"
    ) async throws -> (server: Latchkey, base: String, gitHub: RunningProcess) {
        let port = try Ports.free()
        try answers()
        let script = Slapd.repository.appending(path: "fixtures/logins/github.py").path
        let gitHub = try Program("python3", package: "python3").start(
            [script, "\(port)", folder.path("answers.json")], output: folder.url("github.out"),
            error: folder.url("github.err"))
        try await eventually("the GitHub listens") { Ports.isOpen(port) }
        let base = "http://127.0.0.1:\(port)"
        let server = try await Latchkey(
            auth: """
                openid: { providers: { github: { clientid: c, clientsecret: s, \
                authurl: "\(base)/login/oauth/authorize?allow_signup=false", \
                tokenurl: "\(base)/login/oauth/access_token", claimMapping: { username: \(userName) }, \(more) } } }
                """, folder: folder)
        return (server, base, gitHub)
    }

    /// Goes to the GitHub and comes back from it.
    private func logIn(_ server: Latchkey, iss: String? = nil) async throws -> (status: String, body: String) {
        let begun = try await server.curl("/auth/login?provider=github&rd=/auth/whoami", "-i")
        let state = try #require(begun.body.firstMatch(of: #/[?&]state=([A-Za-z0-9_-]+)/#), "\(begun)").output.1
        #expect(begun.body.contains("/authorize?allow_signup=false&response_type=code"), "\(begun.body)")
        let cookie = try #require(begun.body.firstMatch(of: #/(latchkey-login-[^=]+=[^;]+);/#), "\(begun)").output.1
        let named = iss.map { "&iss=" + $0.replacing(":", with: "%3A").replacing("/", with: "%2F") } ?? ""
        return try await server.curl(
            "/auth/callback/github?code=c&state=\(state)\(named)", "-i", "-b", String(cookie))
    }

    private func whoami(_ server: Latchkey, _ login: (status: String, body: String)) async throws -> String {
        let cookie = try #require(login.body.firstMatch(of: #/(latchkey=[^;]+);/#), "\(login)").output.1
        return try await server.curl("/auth/whoami", "-b", String(cookie)).body
    }

    @Test("The server may name itself in its answer, and nobody else; the way to it may have a query")
    func naming() async throws {
        let (server, base, gitHub) = try await start("organizations: [acme]")
        defer { gitHub.signal(9) }
        for iss in [nil, "\(base)/login/oauth"] {
            let login = try await logIn(server, iss: iss)
            #expect(login.status == "302", "\(login)")
            #expect(try await whoami(server, login).contains(#""groups":["github:acme","github:acme/core"]"#))
        }
        for iss in ["https://evil.example", base, "https://github.com/login/oauth", "\(base)/login/oauth/"] {
            #expect(try await logIn(server, iss: iss).status == "401", "\(iss)")
        }
    }

    @Test(
        "A limit that is reached is an outage and takes no group away; what is left out stands in the log, once a login"
    )
    func limits() async throws {
        let (server, _, gitHub) = try await start("organizations: [acme]")
        defer { gitHub.signal(9) }
        let first = try await logIn(server)
        #expect(first.status == "302")
        let teams = "/api/v3/user/teams?per_page=100&page=1"
        let limits = [
            #"{"status": 403, "fields": {"X-RateLimit-Remaining": "0"}, "body": {}}"#,
            #"{"status": 403, "fields": {"Retry-After": "60"}, "body": {}}"#, #"{"status": 429, "body": {}}"#,
            #"{"status": 403, "body": {"message": "You have exceeded a secondary rate limit."}}"#,
        ]
        for limit in limits {
            try answers([teams: limit])
            #expect(try await logIn(server).status == "503", "\(limit)")
        }
        #expect(
            try await whoami(server, first).contains(#""groups":["github:acme","github:acme/core"]"#),
            "nothing was stored")
        #expect(try server.log.contains("GitHub's rate limit is reached (403)"))
        #expect(try !server.log.contains("login-incomplete"))
        try answers([
            teams: #"{"fields": {"X-GitHub-SSO": "partial-results; organizations=1"}, "body": []}"#
        ])
        #expect(try await logIn(server).status == "302")
        try await eventually("the log tells what is missing") {
            try server.log.matches(of: /login-incomplete user=octocat .*X-GitHub-SSO/).count == 1
        }
    }

    @Test("An address that is to be the name, and that GitHub does not tell, is no outage: whoever asks is told so")
    func withheld() async throws {
        let (server, _, gitHub) = try await start("organizations: [acme]", userName: "email")
        defer { gitHub.signal(9) }
        #expect(try await logIn(server).status == "302")
        for status in [403, 404] {
            try answers(["/api/v3/user/emails?per_page=100": #"{"status": \#(status), "body": {}}"#])
            let refused = try await logIn(server)
            #expect(refused.status == "403" && refused.body.contains("no user name for you"), "\(refused)")
            #expect(try server.log.contains("GitHub does not tell the mail addresses (\(status))"))
        }
    }

    @Test("A page that is refused, though the one before was not, is an outage: nobody's groups are cut")
    func laterPage() async throws {
        let (server, base, gitHub) = try await start("organizations: [acme]")
        defer { gitHub.signal(9) }
        let first = try await logIn(server)
        let teams = "/api/v3/user/teams?per_page=100&page="
        try answers([
            teams + "1":
                #"{"fields": {"Link": "<\#(base)/x?page=2>; rel=\"next\""}, "body": [{"slug": "other", "organization": {"login": "acme"}}]}"#,
            teams + "2": #"{"status": 403, "body": {"message": "Forbidden"}}"#,
        ])
        #expect(try await logIn(server).status == "503")
        #expect(try server.log.contains("GitHub's API refuses page 2 of the teams (403)"))
        #expect(
            try await whoami(server, first).contains(#""groups":["github:acme","github:acme/core"]"#),
            "nothing was stored")
    }

    @Test(
        "Whoever is in none of the organizations is kept out, by a whole list alone; addresses are needed by nobody else"
    )
    func organizations() async throws {
        let (server, _, gitHub) = try await start("organizations: [Acme]")
        defer { gitHub.signal(9) }
        let orgs = "/api/v3/user/orgs?per_page=100&page=1"
        for (answer, status) in [
            (#"{"body": [{"login": "acme"}]}"#, "302"), (#"{"body": [{"login": "operators"}]}"#, "403"),
            (#"{"body": []}"#, "403"), (#"{"status": 403, "body": {"message": "Forbidden"}}"#, "403"),
            (#"{"status": 500, "body": {}}"#, "503"),
        ] {
            try answers([orgs: answer])
            #expect(try await logIn(server).status == status, "\(answer)")
        }
        for status in [403, 404] {
            try answers(["/api/v3/user/emails?per_page=100": #"{"status": \#(status), "body": {}}"#])
            #expect(try await logIn(server).status == "302", "\(status)")
        }
        for status in [301, 429, 500, 502, 503] {
            try answers(["/login/oauth/access_token": #"{"status": \#(status), "body": {}}"#])
            #expect(try await logIn(server).status == "503", "\(status): an outage is no refusal")
        }
        try answers(["/login/oauth/access_token": #"{"status": 401, "body": {"error": "invalid_client"}}"#])
        #expect(try await logIn(server).status == "401")
    }
}
