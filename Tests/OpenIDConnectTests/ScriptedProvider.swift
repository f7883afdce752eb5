import Credentials
import Crypto
import Foundation

@testable import OpenIDConnect

/// A provider of which a test decides what it says: for what no real one can be made to say.
actor ScriptedProvider: ProviderTransport {
    static let issuer = "https://provider.example"
    static let origin = "https://auth.example.org"

    /// What a path is answered with; the path is what stands behind the issuer.
    var answers: [String: ProviderAnswer] = [:]
    private(set) var asked: [ProviderRequest] = []

    nonisolated let key = P256.Signing.PrivateKey()
    private nonisolated static let metadata: [String: any Sendable] = [
        "issuer": issuer, "authorization_endpoint": "\(issuer)/authorize", "token_endpoint": "\(issuer)/token",
        "userinfo_endpoint": "\(issuer)/userinfo", "jwks_uri": "\(issuer)/keys",
        "authorization_response_iss_parameter_supported": true,
    ]

    func send(_ request: ProviderRequest) async throws(LoginProblem) -> ProviderAnswer {
        asked.append(request)
        guard let answer = answers[String(request.url.dropFirst(Self.issuer.count))] else {
            throw .unreachable("nothing is scripted for \(request.url)")
        }
        return answer
    }

    nonisolated func answer(_ path: String, _ value: any Sendable, status: Int = 200) async throws {
        let text = String(decoding: try JSONSerialization.data(withJSONObject: value), as: UTF8.self)
        await answer(path, text: text, status: status)
    }

    func answer(_ path: String, text: String, status: Int = 200) {
        answers[path] = ProviderAnswer(status: status, body: Array(text.utf8))
    }

    func forget(_ path: String) { answers[path] = nil }

    /// Publishes metadata and one key.
    nonisolated func publish(
        _ changes: [String: any Sendable] = [:], keyID: String = "one", key: P256.Signing.PrivateKey? = nil
    ) async throws {
        try await answer("/.well-known/openid-configuration", Self.metadata.merging(changes) { $1 })
        try await answer("/keys", ["keys": [Self.published(key ?? self.key, keyID)]])
    }

    static func published(_ key: P256.Signing.PrivateKey, _ keyID: String) -> [String: String] {
        let point = key.publicKey.rawRepresentation
        return [
            "kty": "EC", "crv": "P-256", "kid": keyID, "use": "sig", "alg": "ES256",
            "x": Base64URL.encode(point.prefix(32)), "y": Base64URL.encode(point.suffix(32)),
        ]
    }

    /// A token as the provider signs it.
    nonisolated func token(
        _ claims: [String: any Sendable], keyID: String? = "one", key: P256.Signing.PrivateKey? = nil
    )
        throws -> String
    {
        var header: [String: any Sendable] = ["alg": "ES256", "typ": "JWT"]
        header["kid"] = keyID
        return try Self.signed(header, claims, key ?? self.key)
    }

    static func signed(
        _ header: [String: any Sendable], _ claims: [String: any Sendable], _ key: P256.Signing.PrivateKey
    ) throws
        -> String
    {
        let parts = try [header, claims].map { Base64URL.encode(try JSONSerialization.data(withJSONObject: $0)) }
        let text = parts.joined(separator: ".")
        return text + "." + Base64URL.encode(try key.signature(for: Data(text.utf8)).rawRepresentation)
    }

    func count(_ path: String) -> Int { asked.filter { $0.url == Self.issuer + path }.count }

    /// What was asked for at a path last.
    func last(_ path: String) -> ProviderRequest? { asked.last { $0.url == Self.issuer + path } }
}
