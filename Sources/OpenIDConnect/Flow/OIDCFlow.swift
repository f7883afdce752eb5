import Credentials
import Foundation

/// A login by OpenID Connect: the code for tokens, the ID token, and what the provider says of its person beside that.
struct OIDCFlow: LoginFlow {
    private enum State {
        case begun
        case exchanging
        case verifying(TokenExchange.Tokens)
        case asking(Claims, TokenExchange.Tokens)
        case over
    }

    private let settings: ProviderSettings
    private let metadata: ProviderMetadata
    private let login: PendingLogin
    private let tokenEndpoint: String
    private let assertion: String?
    private var state = State.begun

    init(
        _ settings: ProviderSettings, _ metadata: ProviderMetadata, _ login: PendingLogin, tokenEndpoint: String,
        assertion: String?
    ) {
        (self.settings, self.metadata, self.login, self.assertion) = (settings, metadata, login, assertion)
        self.tokenEndpoint = tokenEndpoint
    }

    mutating func begin(code: String) throws(LoginProblem) -> LoginStep {
        guard case .begun = state else { throw outOfTurn() }
        state = .exchanging
        return .ask(
            TokenExchange.request(
                code: code, login, endpoint: tokenEndpoint, methods: metadata.authenticationMethods, settings,
                assertion: assertion))
    }

    mutating func answered(_ answer: ProviderAnswer) throws(LoginProblem) -> LoginStep {
        switch state {
        case .exchanging:
            let tokens = try TokenExchange.tokens(answer)
            guard let idToken = tokens.idToken else {
                throw .provider("its token endpoint's answer has no ID token: is openid among the scopes?")
            }
            state = .verifying(tokens)
            return .verify(idToken: idToken)
        case .asking(let claims, let tokens):
            state = .over
            guard answer.status == 200,
                let more = try? JSONReader.object(answer.body)
            else { throw .provider("its userinfo endpoint answers \(answer.status), or no JSON object") }
            // Else it could be an answer about somebody else (OpenID Connect Core 1.0, 5.3.2).
            guard more["sub"] == claims["sub"] else { throw .provider("its userinfo endpoint tells of somebody else") }
            return .done(try identity(claims, more, tokens))
        default: throw outOfTurn()
        }
    }

    mutating func verified(_ claims: Claims) throws(LoginProblem) -> LoginStep {
        guard case .verifying(let tokens) = state else { throw outOfTurn() }
        let needed = [settings.claims.userName, settings.claims.groups] + settings.requiredClaims.keys
        let isWhole = needed.allSatisfy { claims[$0] != nil }
        guard !isWhole, let endpoint = metadata.userinfoEndpoint else {
            state = .over
            return .done(try identity(claims, [:], tokens))
        }
        state = .asking(claims, tokens)
        return .ask(ProviderRequest(.get, endpoint, bearer: tokens.accessToken))
    }

    /// The ID token, if it is short enough to be handed to the provider at a logout: a longer one is not kept.
    private func hint(_ tokens: TokenExchange.Tokens) -> Secret? {
        tokens.idToken.flatMap { $0.utf8.count <= IdentityProvider.maximumHintLength ? Secret($0) : nil }
    }

    /// - Parameters:
    ///   - token: what the ID token says.
    ///   - more: what else the provider says of the same person.
    private func identity(
        _ token: Claims, _ more: [String: Claims.Value], _ tokens: TokenExchange.Tokens
    ) throws(LoginProblem) -> ProviderIdentity {
        let claims = token.adding(Claims(more))
        guard let subject = claims["sub"]?.text else { throw .token("sub is missing") }
        for (name, values) in settings.requiredClaims.sorted(by: { $0.key < $1.key }) {
            guard let said = claims[name]?.texts, !Set(said).isDisjoint(with: values) else {
                throw .notAllowed(claim: name)
            }
        }
        return ProviderIdentity(
            issuer: settings.issuer, subject: subject, userName: settings.claims.userName(claims),
            groups: settings.claims.groups(claims), displayName: claims["name"]?.text,
            email: claims.isEmailVerified ? claims["email"]?.text : nil, authenticated: claims["auth_time"]?.number,
            session: token["sid"]?.text, idToken: hint(tokens))
    }
}
