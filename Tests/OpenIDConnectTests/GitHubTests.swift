import Credentials
import Foundation
import TestSupport
import Testing

@testable import OpenIDConnect

/// GitHub as its public documentation has it (docs.github.com/en/rest, read in November 2026): it can't be run here.
private actor GitHub: ProviderTransport {
    var answers: [String: ProviderAnswer] = [:]
    private(set) var asked: [String] = []

    func send(_ request: ProviderRequest) async throws(LoginProblem) -> ProviderAnswer {
        asked.append("\(request.method.rawValue) \(request.url)")
        guard let answer = answers[request.url] else { throw .unreachable(request.url) }
        return answer
    }

    func answer(_ url: String, _ text: String, status: Int = 200) {
        answers[url] = ProviderAnswer(status: status, body: Array(text.utf8))
    }

    /// Somebody with a verified address, two organizations and a team.
    func usual(api: String = "https://api.github.com", token: String = "https://github.com/login/oauth/access_token") {
        answer(token, #"{"access_token":"gho_x","scope":"read:org,user:email","token_type":"bearer"}"#)
        answer("\(api)/user", #"{"login":"octocat","id":583231,"name":"The Octocat","email":null}"#)
        answer(
            "\(api)/user/emails?per_page=100",
            #"[{"email":"old@example.org","primary":false,"verified":true,"visibility":null},{"email":"octocat@example.org","primary":true,"verified":true,"visibility":"private"}]"#
        )
        answer("\(api)/user/orgs?per_page=100&page=1", #"[{"login":"github","id":1},{"login":"acme","id":2}]"#)
        answer(
            "\(api)/user/teams?per_page=100&page=1", #"[{"slug":"justice-league","organization":{"login":"github"}}]"#)
    }
}

@Suite("A login by GitHub, which is no OpenID Connect")
struct GitHubTests {
    private let gitHub = GitHub()

    private func provider(_ change: (inout ProviderSettings) -> Void = { _ in }) -> IdentityProvider {
        var settings = ProviderSettings(
            name: "github", kind: .github, issuer: "https://github.com", clientID: "id",
            authentication: .secret(Secret("s")), scopes: ["read:org", "user:email"])
        change(&settings)
        return IdentityProvider(settings, transport: gitHub) { .now }
    }

    private func finish(_ provider: IdentityProvider) async throws -> ProviderIdentity {
        let login = PendingLogin(provider: "github", returnTo: "/", redirectURL: "https://a/cb", at: .now)
        return try await provider.finish("state=\(login.state)&code=c", login)
    }

    @Test("The name is the primary, verified address; groups are organizations and teams; the identity is the number")
    func usual() async throws {
        await gitHub.usual()
        let provider = provider()
        let login = PendingLogin(provider: "github", returnTo: "/", redirectURL: "https://a/cb", at: .now)
        let url = try await provider.authorizationURL(login)
        #expect(
            url.hasPrefix("https://github.com/login/oauth/authorize?") && url.contains("code_challenge_method=S256"))
        #expect(!url.contains("nonce") && !url.contains("openid"))
        let identity = try await finish(provider)
        #expect(
            identity.identity == "https://github.com|583231" && identity.userName == .success("octocat@example.org"))
        #expect(
            identity.groups == ["github", "acme", "github/justice-league"] && identity.displayName == "The Octocat")
    }

    @Test("The login name is one's own choice, and an address that is not both primary and verified is none")
    func names() async throws {
        await gitHub.usual()
        #expect(try await finish(provider { $0.claims.userName = "login" }).userName == .success("octocat"))
        for emails in [
            #"[{"email":"a@b","primary":true,"verified":false}]"#,
            #"[{"email":"a@b","primary":false,"verified":true}]"#, "[]",
        ] {
            await gitHub.answer("https://api.github.com/user/emails?per_page=100", emails)
            await #expect(throws: LoginProblem.noUserName(claim: "email")) {
                try await finish(provider()).userName.get()
            }
            #expect(try await finish(provider { $0.claims.userName = "login" }).email == nil)
        }
    }

    @Test(
        "Lists have pages, all of which are read; more than can be read is refused, and what is kept from us is told"
    )
    func pages() async throws {
        await gitHub.usual()
        for page in 1...49 {
            let names = (0..<100).map { #"{"login":"o\#(page)-\#($0)"}"# }.joined(separator: ",")
            await gitHub.answer("https://api.github.com/user/orgs?per_page=100&page=\(page)", "[\(names)]")
        }
        await gitHub.answer("https://api.github.com/user/orgs?per_page=100&page=50", #"[{"login":"last"}]"#)
        #expect(try await finish(provider()).groups.count == 4902)
        let whole = (0..<100).map { #"{"login":"o\#($0)"}"# }.joined(separator: ",")
        await gitHub.answer("https://api.github.com/user/orgs?per_page=100&page=50", "[\(whole)]")
        await #expect(throws: LoginProblem.self, "none is left out silently") { try await finish(provider()) }
        await gitHub.answer("https://api.github.com/user/orgs?per_page=100&page=1", "{}", status: 403)
        await gitHub.answer("https://api.github.com/user/teams?per_page=100&page=1", "{}", status: 403)
        let hidden = try await finish(provider())
        #expect(hidden.groups.isEmpty && hidden.gaps.count == 2)
        await gitHub.answer("https://api.github.com/user/orgs?per_page=100&page=1", "{}", status: 500)
        await #expect(throws: LoginProblem.self) { try await finish(provider()) }
    }

    @Test("A wrong code is answered by GitHub with 200, and is refused")
    func wrongCode() async throws {
        await gitHub.usual()
        await gitHub.answer(
            "https://github.com/login/oauth/access_token",
            #"{"error":"bad_verification_code","error_description":"The code passed is incorrect or expired."}"#)
        await #expect(throws: LoginProblem.exchange(status: 200, code: "bad_verification_code")) {
            try await finish(provider())
        }
        for text in ["", "access_token=gho_x", "{}", "[]"] {
            await gitHub.answer("https://github.com/login/oauth/access_token", text)
            await #expect(throws: LoginProblem.self) { try await finish(provider()) }
        }
    }

    @Test("An enterprise server's API lies below the address at which people log in")
    func enterprise() async throws {
        await gitHub.usual(
            api: "https://git.example.org:8443/api/v3", token: "https://git.example.org:8443/login/oauth/access_token")
        let provider = provider {
            $0.issuer = "https://git.example.org:8443"
            $0.authorizationURL = "https://git.example.org:8443/login/oauth/authorize"
            $0.tokenURL = "https://git.example.org:8443/login/oauth/access_token"
        }
        #expect(try await finish(provider).identity == "https://git.example.org:8443|583231")
        #expect(await gitHub.asked.allSatisfy { $0.contains("https://git.example.org:8443/") })
    }
}
