import Credentials
import Foundation
import TestSupport
import Testing

@testable import OpenIDConnect

/// Google and GitLab as their public documentation has them, read in November 2026 (developers.google.com/identity/openid-connect/openid-connect;
/// docs.gitlab.com/integration/openid_connect_provider), but for the issuer: they can't be run here.
@Suite("What Google and GitLab have of their own")
struct ProviderQuirkTests {
    private let scripted = ScriptedProvider()
    private let now = Date(timeIntervalSince1970: 1_900_000_000)

    private func logIn(
        _ claims: [String: any Sendable], userinfo: [String: any Sendable]? = nil,
        _ change: (inout ProviderSettings) -> Void
    ) async throws -> ProviderIdentity {
        var settings = ProviderSettings(
            name: "p", issuer: Issuer(ScriptedProvider.issuer), clientID: "1234.apps.example",
            authentication: .secret(Secret("s")), scopes: ["openid", "email"])
        change(&settings)
        try await scripted.publish([
            "authorization_response_iss_parameter_supported": false,
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        ])
        let login = PendingLogin(provider: "p", returnTo: "/", redirectURL: "https://a/cb", at: now)
        let usual: [String: any Sendable] = [
            "iss": ScriptedProvider.issuer, "aud": "1234.apps.example", "nonce": login.nonce,
            "iat": now.timeIntervalSince1970, "exp": now.timeIntervalSince1970 + 3600,
        ]
        let token = claims.merging(usual) { own, _ in own }
        let answer: [String: any Sendable] = [
            "access_token": "ya29.x", "expires_in": 3599, "scope": "openid email", "token_type": "Bearer",
            "id_token": try scripted.token(token),
        ]
        try await scripted.answer("/token", answer)
        if let userinfo { try await scripted.answer("/userinfo", userinfo) }
        let provider = IdentityProvider(settings, transport: scripted) { [now] in now }
        return try await provider.finish(
            "state=\(login.state)&code=4/P7q&scope=email+openid&authuser=0&hd=example.org&prompt=none", login)
    }

    private func google(_ changes: [String: (any Sendable)?] = [:]) -> [String: any Sendable] {
        var claims: [String: (any Sendable)?] = [
            "azp": "1234.apps.example", "sub": "10769150350006150715113082367", "at_hash": "HK6E_P6Dh8Y93mRNtsDB1Q",
            "email": "jsmith@example.org", "email_verified": true, "hd": "example.org", "name": "J. Smith",
        ]
        claims.merge(changes) { $1 }
        return claims.compactMapValues { $0 }
    }

    @Test("Google: the address is the name if it is verified, and whoever is not of the operator's domain is kept out")
    func googles() async throws {
        let info: [String: any Sendable] = ["sub": "10769150350006150715113082367", "picture": "https://x/p.jpg"]
        let demand = { (settings: inout ProviderSettings) in settings.requiredClaims = ["hd": ["example.org"]] }
        let smith = try await logIn(google(), userinfo: info, demand)
        #expect(smith.userName == .success("jsmith@example.org") && smith.groups.isEmpty)
        #expect(smith.subject == "10769150350006150715113082367")
        for changes in [["hd": "evil.example"], ["hd": nil], ["hd": "Example.org.evil"], ["hd": true]]
            as [[String: (any Sendable)?]]
        {
            await #expect(throws: LoginProblem.notAllowed(claim: "hd"), "\(changes)") {
                try await logIn(google(changes), userinfo: info, demand)
            }
        }
        let unverified = try await logIn(google(["email_verified": false]), userinfo: info, demand)
        #expect(unverified.userName == .failure(.emailNotVerified))
        await #expect(throws: LoginProblem.token("azp names another client")) {
            try await logIn(google(["azp": "other.apps.example"]), userinfo: info, demand)
        }
    }

    @Test("GitLab: direct groups stand in the ID token, all of them at its userinfo endpoint, as the mapping says")
    func gitLabs() async throws {
        let token: [String: any Sendable] = [
            "sub": "42", "sub_legacy": "9b6e", "auth_time": now.timeIntervalSince1970 - 5, "name": "Ann",
            "nickname": "ann",
            "preferred_username": "ann", "email": "ann@example.org", "email_verified": true,
            "groups_direct": ["team", "team/backend"],
        ]
        let info: [String: any Sendable] = [
            "sub": "42", "preferred_username": "ann", "groups": ["team", "team/backend", "team/backend/infra"],
            "https://gitlab.org/claims/groups/owner": ["team"],
        ]
        let direct = try await logIn(token, userinfo: info) {
            ($0.claims.userName, $0.claims.groups) = ("preferred_username", "groups_direct")
        }
        #expect(direct.userName == .success("ann") && direct.groups == ["team", "team/backend"])
        #expect(await scripted.count("/userinfo") == 0, "the token has all that is needed")
        let all = try await logIn(token, userinfo: info) { $0.claims.userName = "preferred_username" }
        #expect(all.groups == ["team", "team/backend", "team/backend/infra"] && all.authenticated != nil)
        let demanded = try await logIn(token, userinfo: info) {
            $0.claims.userName = "nickname"
            $0.requiredClaims = ["groups": ["other", "team/backend/infra"]]
        }
        #expect(demanded.userName == .success("ann"), "a list with one of them is enough")
    }
}
