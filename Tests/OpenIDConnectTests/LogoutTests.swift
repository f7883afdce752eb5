import Credentials
import Crypto
import Foundation
import TestSupport
import Testing

@testable import OpenIDConnect

@Suite("A provider says that somebody has logged out there")
struct LogoutTests {
    private let scripted = ScriptedProvider()
    private let clock = Locked(Date(timeIntervalSince1970: 1_900_000_000))
    private static let event = "http://schemas.openid.net/event/backchannel-logout"

    private var now: Double { clock.withLock { $0.timeIntervalSince1970 } }

    private func provider(_ kind: ProviderSettings.Kind = .oidc) -> IdentityProvider {
        let settings = ProviderSettings(
            name: "corp", kind: kind, issuer: Issuer(ScriptedProvider.issuer), clientID: "latchkey",
            authentication: .none, scopes: [])
        return IdentityProvider(settings, transport: scripted) { [clock] in clock.withLock { $0 } }
    }

    private func token(_ changes: [String: (any Sendable)?] = [:], key: P256.Signing.PrivateKey? = nil) throws -> String
    {
        var claims: [String: (any Sendable)?] = [
            "iss": ScriptedProvider.issuer, "aud": "latchkey", "iat": now, "exp": now + 120, "jti": "\(UUID())",
            "sub": "4711", "sid": "s1", "events": [Self.event: [String: String]()],
        ]
        claims.merge(changes) { $1 }
        return try scripted.token(claims.compactMapValues { $0 }, key: key)
    }

    @Test("It names the person, the session, or both")
    func good() async throws {
        try await scripted.publish()
        let provider = provider()
        let both = try await provider.logout(try token())
        #expect(both.identity == "https://provider.example|4711" && both.session == "s1")
        let person = try await provider.logout(try token(["sid": nil, "exp": nil]))
        #expect(person.identity != nil && person.session == nil)
        let session = try await provider.logout(try token(["sub": nil, "aud": ["x", "latchkey"]]))
        #expect(session.identity == nil && session.session == "s1")
    }

    @Test("What is forged, of others, for others, old, taken before, or no logout token at all ends nobody's session")
    func bad() async throws {
        try await scripted.publish()
        let provider = provider()
        let cases: [[String: (any Sendable)?]] = [
            ["iss": "https://evil.example"], ["aud": "other"], ["aud": nil], ["iat": now - 301], ["iat": now + 120],
            ["iat": nil], ["exp": now - 61], ["exp": "x"], ["jti": nil], ["jti": ""], ["nonce": "n"], ["events": nil],
            ["events": [String: String]()], ["events": [Self.event: "x"]], ["events": ["other": [String: String]()]],
            ["sub": nil, "sid": nil], ["sub": ""], ["sid": ""],
        ]
        for changes in cases {
            await #expect(throws: LoginProblem.self, "\(changes)") { try await provider.logout(try token(changes)) }
        }
        await #expect(throws: LoginProblem.self) { try await provider.logout(try token(key: .init())) }
        let good = try token()
        _ = try await provider.logout(good)
        await #expect(throws: LoginProblem.token("it was taken before")) { try await provider.logout(good) }
        for text in ["", "x", "a.b.c", good + "x", String(repeating: "e", count: 20_000)] {
            await #expect(throws: LoginProblem.self) { try await provider.logout(text) }
        }
        await #expect(throws: LoginProblem.self) { try await self.provider(.github).logout(try token()) }
    }
}
