import Credentials
import Crypto
import Foundation
import TestSupport
import Testing

@testable import OpenIDConnect

@Suite("Random damage to what providers send")
struct DamageTests {
    private let scripted = ScriptedProvider()

    private func damaged(_ text: String, _ generator: inout Seeded) -> String {
        var bytes = Array(text.utf8)
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
            let place = Int.random(in: bytes.indices, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(UInt8.random(in: 33...126, using: &generator), at: place)
            default: bytes.append(contentsOf: bytes[place...].prefix(20))
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("A token in which anything is changed is no token of the provider's")
    func tokens() async throws {
        var generator = Seeded.announced()
        let token = try scripted.token(["sub": "4711", "aud": "latchkey", "nested": ["a": [1, 2.5]]])
        let keys = try KeySet(
            Array(JSONSerialization.data(withJSONObject: ["keys": [ScriptedProvider.published(scripted.key, "one")]])))
        var count = 0
        for _ in 0..<5000 {
            let text = damaged(token, &generator)
            guard text != token, let read = try? SignedToken(text, algorithms: ["ES256"]) else { continue }
            count += 1
            let claims = try? await keys.claims(of: read)
            // The last character of a signature may have bits that say nothing.
            #expect(claims == nil || text.dropLast() == token.dropLast(), "\(text)")
        }
        #expect(count > 100)
    }

    @Test(
        "No metadata, key set or answer, however damaged, crashes anything; what is read of metadata is of the issuer and of https"
    )
    func documents() async throws {
        var generator = Seeded.announced()
        let settings = ProviderSettings(
            name: "p", issuer: Issuer(ScriptedProvider.issuer), clientID: "c", authentication: .none, scopes: [])
        let metadata = """
            {"issuer":"https://provider.example","authorization_endpoint":"https://provider.example/a","token_endpoint":"https://provider.example/t","jwks_uri":"https://provider.example/k","userinfo_endpoint":"https://provider.example/u"}
            """
        let keys = String(
            decoding: try JSONSerialization.data(withJSONObject: [
                "keys": [ScriptedProvider.published(scripted.key, "one")]
            ]),
            as: UTF8.self)
        let answer = #"{"access_token":"a","token_type":"Bearer","id_token":"x.y.z","expires_in":300}"#
        for _ in 0..<5000 {
            if let read = try? ProviderMetadata(Array(damaged(metadata, &generator).utf8), issuer: settings.issuer) {
                #expect(read.issuer == settings.issuer.text)
                let login = try? read.login()
                for url in [login?.authorization, login?.token, read.keysURL].compactMap(\.self) {
                    #expect(url.lowercased().hasPrefix("https://"), "\(url)")
                }
            }
            _ = try? KeySet(Array(damaged(keys, &generator).utf8))
            let tokens = try? TokenExchange.tokens(.init(status: 200, body: Array(damaged(answer, &generator).utf8)))
            #expect(tokens?.accessToken.isEmpty != true)
        }
    }

    @Test("No query of a way back that is damaged passes for another login's")
    func callbacks() throws {
        var generator = Seeded.announced()
        let login = PendingLogin(provider: "p", returnTo: "/", redirectURL: "https://a/cb", at: .now)
        let query = "state=\(login.state)&code=c0de&iss=https%3A%2F%2Fprovider.example"
        for _ in 0..<5000 {
            let text = damaged(query, &generator)
            guard
                let read = try? CallbackQuery(
                    text[...], login, issuer: Issuer(ScriptedProvider.issuer), namesItself: true)
            else { continue }
            #expect(!read.code.isEmpty && text.contains(login.state) && text.contains("iss="), "\(text)")
        }
    }
}
