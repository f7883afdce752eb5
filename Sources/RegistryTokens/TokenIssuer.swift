public import Credentials
public import Foundation
import JWTKit

/// Signs registry tokens.
///
/// They carry no `jwk`: a verifier that believes the key in a token believes anybody (CVE-2025-24976). Safe to share.
public struct TokenIssuer: Sendable {
    /// How tokens are made.
    public struct Options: Sendable {
        /// Who makes them: the claim `iss`, which the registry's configuration names.
        public var issuer: String
        /// The registries that they are for: the claim `aud`. No other is served.
        public var services: [String]
        /// How long a token is good for.
        public var lifetime = Duration.seconds(300)
        /// How long a refresh token is, at most.
        public var refreshLifetime = Duration.seconds(90 * 86_400)
        /// Whether tokens carry the certificate, for registries that know an authority of it and not itself.
        public var includesCertificate = false

        /// - Parameters:
        ///   - issuer: who makes them.
        ///   - services: the registries that they are for.
        public init(issuer: String, services: [String]) {
            self.issuer = issuer
            self.services = services
        }
    }

    /// A token that was made.
    public struct Token: Sendable {
        /// The token.
        public let text: String
        /// When it was made.
        public let date: Date
        /// How long it is good for.
        public let lifetime: Duration
    }

    /// How tokens are made.
    public let options: Options
    /// The public keys as JSON (RFC 7517, 5): what signs now, and what signed before.
    public let jwks: [UInt8]
    private let keys = JWTKeyCollection()
    private let header: JWTHeader
    private let signing: TokenKey
    private let all: [TokenKey]

    /// - Parameters:
    ///   - options: how tokens are made.
    ///   - signing: the key that signs.
    ///   - previous: keys that signed before: registries still find them, and refresh tokens of theirs are good.
    /// - Throws: what keeps the key from signing.
    public init(options: Options, signing: TokenKey, previous: [TokenKey] = []) async throws {
        self.options = options
        self.signing = signing
        all = [signing] + previous
        try await signing.addTo(keys)
        var header: JWTHeader = [:]
        header.typ = "JWT"
        header.kid = signing.identifier
        if options.includesCertificate, let certificate = signing.certificate {
            // JWTKit makes of it what RFC 7515, 4.1.6 has.
            header.x5c = [certificate]
        }
        self.header = header
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        jwks = Array(try encoder.encode(["keys": all.map(\.jwk)]))
    }

    /// Makes a token.
    /// - Parameters:
    ///   - subject: the user's name; empty for nobody in particular.
    ///   - service: the registry that it is for: one of the options'.
    ///   - access: what it lets its bearer do.
    ///   - date: the time.
    /// - Returns: the token.
    /// - Throws: what kept it from being signed.
    public func token(
        for subject: UserName, service: String, access: [TokenAccess], at date: Date
    ) async throws -> Token {
        // Docker's registry takes whole seconds alone.
        let date = Date(timeIntervalSince1970: date.timeIntervalSince1970.rounded(.down))
        let payload = TokenPayload(
            iss: .init(value: options.issuer), sub: .init(value: subject.text), aud: .init(value: service),
            exp: .init(value: date.addingTimeInterval(options.lifetime / .seconds(1))), nbf: .init(value: date),
            iat: .init(value: date), jti: .init(value: UUID().uuidString.lowercased()), access: access)
        let text = try await keys.sign(payload, kid: JWKIdentifier(string: signing.identifier), header: header)
        return Token(text: text, date: date, lifetime: options.lifetime)
    }

    /// Makes a refresh token: sealed, so that it tells nothing and can't be made by anybody else.
    /// - Parameters:
    ///   - content: what it stands for.
    ///   - date: the time.
    public func refreshToken(_ content: RefreshToken.Content, at date: Date) throws -> String {
        try RefreshToken.seal(
            content, until: date.addingTimeInterval(options.refreshLifetime / .seconds(1)), with: signing)
    }

    /// Opens a refresh token.
    /// - Returns: nil for what none of the keys has sealed, or what is over.
    public func content(ofRefreshToken text: String, at date: Date) -> RefreshToken.Content? {
        for key in all {
            if let content = RefreshToken.open(text, at: date, with: key) { return content }
        }
        return nil
    }
}
