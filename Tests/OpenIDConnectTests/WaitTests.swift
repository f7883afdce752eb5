import Credentials
import Crypto
import Foundation
import TestSupport
import Testing

@testable import OpenIDConnect

@Suite("Nobody waits without an end for a provider, or for somebody else's question")
struct WaitTests {
    private let hanging = HangingProvider()
    private let clock = Locked(Date(timeIntervalSince1970: 1_900_000_000))

    private var now: Double { clock.withLock { $0.timeIntervalSince1970 } }
    private var scripted: ScriptedProvider { hanging.scripted }

    private func provider(_ limit: Duration = .seconds(10)) -> IdentityProvider {
        let settings = ProviderSettings(
            name: "corp", issuer: Issuer(ScriptedProvider.issuer), clientID: "latchkey", authentication: .none,
            scopes: [])
        return IdentityProvider(settings, transport: hanging, limit: limit) { [clock] in clock.withLock { $0 } }
    }

    private func begin() -> PendingLogin {
        PendingLogin(
            provider: "corp", returnTo: "/", redirectURL: "\(ScriptedProvider.origin)/auth/callback/corp",
            at: clock.withLock { $0 })
    }

    private func claims(_ changes: [String: (any Sendable)?] = [:]) -> [String: any Sendable] {
        var claims: [String: (any Sendable)?] = [
            "iss": ScriptedProvider.issuer, "sub": "4711", "aud": "latchkey", "exp": now + 300, "iat": now,
            "email": "alice@example.org", "email_verified": true, "groups": ["admins"],
        ]
        claims.merge(changes) { $1 }
        return claims.compactMapValues { $0 }
    }

    private func finish(_ provider: IdentityProvider) async throws -> ProviderIdentity {
        let login = begin()
        try await scripted.answer(
            "/token",
            [
                "access_token": "at", "token_type": "Bearer",
                "id_token": try scripted.token(claims(["nonce": login.nonce])),
            ])
        return try await provider.finish(
            "state=\(login.state)&code=c0de&iss=https%3A%2F%2Fprovider.example", login)
    }

    private static let late = "no whole answer came within 10 s"

    @Test("Discovery that hangs ends in its own time for each who waits, and the next login asks anew")
    func discovery() async throws {
        try await scripted.publish()
        await hanging.hang("/.well-known/openid-configuration")
        let provider = provider()
        let login = begin()
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 {
                group.addTask { (try? await provider.authorizationURL(login)) == nil }
            }
            for await hasFailed in group { #expect(hasFailed) }
        }
        #expect(await hanging.asked["/.well-known/openid-configuration"] == 1, "asked once for all of them")
        await hanging.recover()
        await #expect(throws: LoginProblem.unreachable("it did not answer a moment ago")) {
            try await provider.authorizationURL(login)
        }
        clock.withLock { $0 += 10 }
        #expect(try await provider.authorizationURL(login).hasPrefix("https://provider.example/authorize?"))
    }

    @Test("Keys that hang keep nobody whose key is known, whoever asks for them; others end in time")
    func keys() async throws {
        try await scripted.publish()
        let provider = provider()
        _ = try await finish(provider)
        await hanging.hang("/keys")
        clock.withLock { $0 += 11 }
        // A stranger's token, which nobody has signed, under a name of a key that is not known.
        let stranger = try scripted.token(claims(), keyID: "unknown", key: .init())
        async let stuck: Void = {
            await #expect(throws: LoginProblem.unreachable(Self.late)) { try await provider.logout(stranger) }
        }()
        try await eventually("the keys are asked for") { await hanging.asked["/keys"] == 2 }
        let identity = try await finish(provider)
        #expect(identity.subject == "4711", "the known key is good meanwhile")
        await stuck
        await hanging.recover()
        clock.withLock { $0 += 11 }
        let other = P256.Signing.PrivateKey()
        try await scripted.publish(keyID: "two", key: other)
        let login = begin()
        try await scripted.answer(
            "/token",
            [
                "access_token": "at", "token_type": "Bearer",
                "id_token": try scripted.token(claims(["nonce": login.nonce]), keyID: "two", key: other),
            ])
        let later = try await provider.finish("state=\(login.state)&code=c&iss=https%3A%2F%2Fprovider.example", login)
        #expect(later.subject == "4711")
    }

    @Test("Tokens of workloads end in time too, and are judged again once the issuer is well")
    func workloads() async throws {
        try await scripted.publish()
        await hanging.hang("/keys")
        let source = BearerSource(
            issuers: [(TokenIssuerSettings(issuer: Issuer(ScriptedProvider.issuer), audiences: ["latchkey"]), hanging)],
            signer: nil, options: .init(), limit: .seconds(10)
        ) { [clock] in clock.withLock { $0 } }
        let token = BasicCredential(bearer: Secret(try scripted.token(claims())))
        guard case .unavailable = await source.judge(token) else {
            Issue.record("nobody could know")
            return
        }
        await hanging.recover()
        clock.withLock { $0 += 10 }
        clock.withLock { $0 += 10 }
        guard case .authenticated = await source.judge(token) else {
            Issue.record("the issuer is well again")
            return
        }
    }

    @Test("Work that does not end is waited for no longer than it may take, and neither by one who is cancelled")
    func limit() async throws {
        let never: @Sendable () async -> Int = {
            await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
            return 1
        }
        #expect(await TimeLimit.wait(.milliseconds(20), for: never) == nil)
        #expect(await TimeLimit.wait(.seconds(60)) { 2 } == 2)
        let waiting = Task { await TimeLimit.wait(.seconds(3600), for: never) }
        waiting.cancel()
        #expect(await waiting.value == nil)
    }
}
