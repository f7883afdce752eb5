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
            let more = try Self.userinfo(answer)
            // Else it could be an answer about somebody else (OpenID Connect Core 1.0, 5.3.2).
            guard let subject = claims["sub"]?.text, more["sub"]?.text?.utf8.elementsEqual(subject.utf8) == true else {
                throw .provider("its userinfo endpoint tells of somebody else")
            }
            return .done(try identity(claims, more, tokens))
        default: throw outOfTurn()
        }
    }

    mutating func verified(_ claims: Claims) throws(LoginProblem) -> LoginStep {
        guard case .verifying(let tokens) = state else { throw outOfTurn() }
        let demands = settings.demands.paths
        let needed = [settings.claims.userNamePath] + [settings.claims.groupsPath].compactMap(\.self) + demands
        let isWhole = needed.allSatisfy { path in
            path.value(in: claims) != nil && !(path.isClaim("email") && PersonClaims.lacksVerification(claims))
        }
        guard !isWhole, let endpoint = metadata.userinfoEndpoint else {
            state = .over
            return .done(try identity(claims, Claims([:]), tokens))
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
        _ token: Claims, _ more: Claims, _ tokens: TokenExchange.Tokens
    ) throws(LoginProblem) -> ProviderIdentity {
        let claims = PersonClaims.merged(token, more)
        guard let subject = token["sub"]?.text else { throw .token("sub is missing") }
        switch settings.demands.unmet(by: claims) {
        case nil: break
        case .claim(let name)?: throw .notAllowed(claim: name)
        case .unverifiedAddress?: throw .emailNotVerified
        }
        return ProviderIdentity(
            issuer: settings.issuer, subject: Subject(subject), userName: settings.claims.userName(claims),
            groups: try settings.claims.groups(claims), displayName: claims["name"]?.text,
            email: claims.isEmailVerified ? claims["email"]?.text : nil, authenticated: authenticated(token),
            session: token["sid"]?.text, idToken: hint(tokens), gaps: settings.claims.gaps(claims))
    }

    /// When the person has shown the provider who they are, as the signed token says it; nil if nobody knows.
    private func authenticated(_ token: Claims) -> Double? {
        switch settings.authenticationTime {
        case .required: token["auth_time"]?.number
        // Asked for in this very login, whose nonce the token has: then it was when the token was made.
        case .none: login.isFresh ? token["iat"]?.number : nil
        }
    }

    /// Reads what the userinfo endpoint answers (OpenID Connect Core 1.0, 5.3.2).
    private static func userinfo(_ answer: ProviderAnswer) throws(LoginProblem) -> Claims {
        switch answer.status {
        case 408, 429, 500...: throw .outage("its userinfo endpoint answers \(answer.status)")
        default: break
        }
        if answer.field("Content-Type")?.lowercased().hasPrefix("application/jwt") ?? false {
            throw .provider(
                "its userinfo endpoint answers with a signed token (application/jwt), which is not read here: have it send JSON (userinfo_signed_response_alg of the client: none)"
            )
        }
        guard answer.status == 200, let values = try? JSONReader.object(answer.body) else {
            throw .provider("its userinfo endpoint answers \(answer.status), or no JSON object")
        }
        return Claims(values)
    }
}
