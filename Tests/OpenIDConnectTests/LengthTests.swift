import Credentials
import Foundation
import TestSupport
import Testing

@testable import OpenIDConnect

@Suite("What is too long is said to be too long")
struct LengthTests {
    private let scripted = ScriptedProvider()
    private let clock = Locked(Date(timeIntervalSince1970: 1_900_000_000))

    private var now: Double { clock.withLock { $0.timeIntervalSince1970 } }

    private func provider() -> IdentityProvider {
        let settings = ProviderSettings(
            name: "corp", issuer: Issuer(ScriptedProvider.issuer), clientID: "latchkey", authentication: .none,
            scopes: [])
        return IdentityProvider(settings, transport: scripted) { [clock] in clock.withLock { $0 } }
    }

    private func logIn(groups: Int) async throws -> ProviderIdentity {
        try await scripted.publish()
        let login = PendingLogin(
            provider: "corp", returnTo: "/", redirectURL: "https://a/cb", at: clock.withLock { $0 })
        let token = try scripted.token([
            "iss": ScriptedProvider.issuer, "sub": "4711", "aud": "latchkey", "exp": now + 300, "iat": now,
            "nonce": login.nonce, "email": "a@example.org", "email_verified": true,
            "groups": (0..<groups).map { _ in UUID().uuidString },
        ])
        try await scripted.answer("/token", ["access_token": "a", "token_type": "Bearer", "id_token": token])
        return try await provider().finish(
            "state=\(login.state)&code=c&iss=https%3A%2F%2Fprovider.example", login)
    }

    @Test("Somebody with ten thousand groups logs in, and is in all of them", arguments: [300, 900, 10_000])
    func groups(_ count: Int) async throws {
        #expect(try await logIn(groups: count).groups.count == count)
    }

    @Test("An ID token that is longer yet is refused, with its limit in the words")
    func tooLong() async throws {
        await #expect(throws: LoginProblem.token("it is longer than 524288 bytes")) { try await logIn(groups: 11_000) }
        let long = try scripted.token(["iss": ScriptedProvider.issuer, "x": String(repeating: "x", count: 20_000)])
        await #expect(throws: LoginProblem.token("it is longer than 16384 bytes")) { try await provider().logout(long) }
    }

    @Test("The address of a logout has the ID token as a hint only where it stays short")
    func hint() async throws {
        try await scripted.publish(["end_session_endpoint": "https://provider.example/end"])
        for (length, isThere) in [(1, true), (2048, true), (2049, false), (11_000, false)] {
            let url = await provider().logoutURL(
                returnTo: "https://a/", hint: Secret(String(repeating: "x", count: length)))
            let address = try #require(url)
            #expect(address.contains("id_token_hint=x") == isThere && address.utf8.count < 4096)
            #expect(address.contains("client_id=latchkey") && address.contains("post_logout_redirect_uri="))
        }
    }
}
