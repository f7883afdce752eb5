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

    @Test(
        "A session was there when it was made, or was not: by the provider's own clock, or by ours where it says nothing"
    )
    func covers() async throws {
        try await scripted.publish()
        let logout = try await provider().logout(try token())
        func covers(_ issued: Double?, _ begun: TimeInterval = 0) throws -> Bool {
            let idToken = try issued.map { Secret(try scripted.token(["iat": $0])) }
            return logout.covers(sessionOf: idToken, begun: Date(timeIntervalSince1970: now + begun))
        }
        let theirs = try [now - 3600, now, now + 0.5, now + 1].map { try covers($0) }
        #expect(theirs == [true, true, true, false])
        #expect(try covers(now - 1, 300), "their clock is behind ours")
        #expect(try [-1, 59, 60].map { try covers(nil, $0) } == [true, true, false])
        #expect(!logout.covers(sessionOf: Secret("no.token.at all"), begun: Date(timeIntervalSince1970: now + 60)))
        #expect(logout.end == Date(timeIntervalSince1970: now + 360))
        #expect(logout.subject == "4711" && logout.id.hasPrefix("logout:") && !logout.id.contains("provider.example"))
        let (other, again) = (
            try await provider().logout(try token()), try await provider().logout(try token(["jti": "x"]))
        )
        #expect(Set([logout.id, other.id, again.id]).count == 3)
    }

    @Test("What is forged, of others, for others, old, or no logout token at all ends nobody's session")
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
        #expect("Latch\u{212A}ey" == "LatchKey", "the pair is one to Swift")
        let settings = ProviderSettings(
            name: "corp", issuer: Issuer(ScriptedProvider.issuer), clientID: "LatchKey", authentication: .none,
            scopes: [])
        let other = IdentityProvider(settings, transport: scripted) { [clock] in clock.withLock { $0 } }
        for odd: any Sendable in ["Latch\u{212A}ey", ["x", "Latch\u{212A}ey"]] {
            await #expect(throws: LoginProblem.self) { try await other.logout(try token(["aud": odd])) }
        }
        #expect(try await other.logout(try token(["aud": "LatchKey", "sub": "\u{212A}1"])).subject != "K1")
        let good = try token()
        let (first, second) = (try await provider.logout(good), try await provider.logout(good))
        #expect(first.id == second.id, "who does the work notes that")
        for text in ["", "x", "a.b.c", good + "x", String(repeating: "e", count: 20_000)] {
            await #expect(throws: LoginProblem.self) { try await provider.logout(text) }
        }
        await #expect(throws: LoginProblem.self) { try await self.provider(.github).logout(try token()) }
    }
}
