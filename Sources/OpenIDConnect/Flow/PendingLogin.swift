import Credentials
import Crypto
public import Foundation

/// A login that a browser has begun and not yet ended: what its way back must fit.
public struct PendingLogin: Codable, Sendable, Hashable {
    /// How long one may take.
    public static let lifetime: TimeInterval = 600

    /// The provider's name.
    public let provider: String
    /// Goes with the browser to the provider and back (RFC 6749, 10.12).
    public let state: String
    /// Comes back in the ID token (OpenID Connect Core 1.0, 3.1.2.1).
    let nonce: String
    /// What only the one who asked for the code has (RFC 7636).
    let verifier: String
    /// Where the browser goes when it is logged in.
    public let returnTo: String
    /// Whether the person must show anew who they are.
    let isFresh: Bool
    /// When it was begun, in seconds since 1970.
    let begun: TimeInterval
    /// Where the provider sends the browser back to.
    let redirectURL: String

    /// Begins one.
    /// - Parameters:
    ///   - provider: the provider's name.
    ///   - returnTo: where the browser goes afterwards.
    ///   - isFresh: whether the person must show anew who they are.
    ///   - redirectURL: where the provider sends it back to.
    ///   - now: the time.
    public init(provider: String, returnTo: String, isFresh: Bool = false, redirectURL: String, at now: Date) {
        self.provider = provider
        self.returnTo = returnTo
        self.redirectURL = redirectURL
        self.isFresh = isFresh
        (state, nonce, verifier) = (Self.random(), Self.random(), Self.random())
        begun = now.timeIntervalSince1970
    }

    /// Whether its time is over.
    package func isOver(at now: Date) -> Bool {
        let age = now.timeIntervalSince1970 - begun
        return age > Self.lifetime || age < -60
    }

    /// The transformed verifier: S256, always (RFC 7636, 4.2).
    var challenge: String { Base64URL.encode(SHA256.hash(data: Data(verifier.utf8))) }

    /// 256 bits in base64url.
    private static func random() -> String {
        Base64URL.encode(SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) })
    }

    /// Where the browser is sent.
    /// - Parameters:
    ///   - endpoint: the provider's address for it.
    ///   - settings: what the operator says of the provider.
    ///   - prompt: how the provider is asked to have people show anew who they are; nil if it can't be.
    func authorizationURL(_ endpoint: String, _ settings: ProviderSettings, prompt: String? = "login") -> String {
        var scopes = settings.scopes
        if settings.kind == .oidc, !scopes.contains("openid") { scopes.insert("openid", at: 0) }
        var fields = [
            ("response_type", "code"), ("client_id", settings.clientID), ("redirect_uri", redirectURL),
            ("scope", scopes.joined(separator: " ")), ("state", state), ("code_challenge", challenge),
            ("code_challenge_method", "S256"),
        ]
        if settings.kind == .oidc { fields.append(("nonce", nonce)) }
        // Some know the one and some the other. Not 0: glewlwyd takes that for no number.
        if isFresh, settings.kind == .oidc {
            fields.append(("max_age", "1"))
            if let prompt { fields.append(("prompt", prompt)) }
        }
        return endpoint + (endpoint.contains("?") ? "&" : "?") + FormText.encode(fields)
    }
}
