public import Credentials
import Foundation

/// A provider that people log in with: sends their browsers there, and finds out who it is that comes back.
///
/// It is asked for nothing before the first login, and what it has published is remembered: one that is down keeps nothing else. Safe
/// to share.
public final class IdentityProvider: Sendable {
    /// What the operator says of it.
    public let settings: ProviderSettings
    private let transport: any ProviderTransport
    private let clock: @Sendable () -> Date
    private let published: PublishedKeys
    private let turns: ProviderTurns
    /// When it has last taken a code.
    private let taken = Locked<Date?>(nil)

    /// Describes a provider. Asks nothing.
    /// - Parameters:
    ///   - settings: what the operator says of it.
    ///   - transport: asks it.
    public convenience init(_ settings: ProviderSettings, transport: HTTPTransport) {
        self.init(settings, transport: transport as any ProviderTransport, clock: { .now })
    }

    init(
        _ settings: ProviderSettings, transport: any ProviderTransport, limit: Duration = HTTPTransport.deadline,
        turns: ProviderTurns = ProviderTurns(), clock: @escaping @Sendable () -> Date
    ) {
        (self.settings, self.transport, self.turns, self.clock) = (settings, transport, turns, clock)
        published = PublishedKeys(
            issuer: settings.issuer, discoveryURL: settings.discoveryURL, authorizationURL: settings.authorizationURL,
            tokenURL: settings.tokenURL, transport: transport, clock: clock, limit: limit)
    }

    /// Where a browser is sent to log in.
    /// - Parameter login: the login that it begins; it has to bring that back, sealed.
    /// - Throws: ``LoginProblem`` if the provider can't be asked for where that is.
    public func authorizationURL(_ login: PendingLogin) async throws(LoginProblem) -> String {
        switch settings.kind {
        case .oidc:
            let metadata = try await published.metadata()
            return login.authorizationURL(
                try metadata.login().authorization, settings, prompt: metadata.promptForLogin)
        case .github:
            return login.authorizationURL(
                settings.authorizationURL ?? "https://github.com/login/oauth/authorize", settings)
        }
    }

    /// The longest that one way back takes once its turn has come: several questions, each with a deadline of its own.
    private static let wayBackLimit = Duration.seconds(30)

    /// Finds out who comes back.
    ///
    /// Only so many ask the provider at once, and of those only so many of one network: the others wait, half a minute at most.
    /// - Parameters:
    ///   - query: the query of the address that the browser came back to.
    ///   - login: the login that this very browser has begun, of which nobody has come back before.
    ///   - network: where the browser is; nil for this machine.
    ///   - mayAsk: asked when the turn has come: whether the provider may be asked at all.
    /// - Returns: who it is; nil if the provider may not be asked.
    /// - Throws: ``LoginProblem``.
    package func finish(
        _ query: Substring, _ login: PendingLogin, from network: IPNetwork?, mayAsk: @Sendable () async -> Bool
    ) async throws(LoginProblem) -> ProviderIdentity? {
        guard login.provider == settings.name, !login.isOver(at: clock()) else { throw .unknownLogin }
        try await turns.take(network)
        defer { turns.end(network) }
        guard await mayAsk() else { return nil }
        let result = await TimeLimit.wait(Self.wayBackLimit) { () async -> Result<ProviderIdentity, LoginProblem> in
            do throws(LoginProblem) {
                return .success(try await self.finish(query, login))
            } catch {
                return .failure(error)
            }
        }
        guard let result else {
            throw .unreachable("its answers took more than \(Self.wayBackLimit.components.seconds) s in all")
        }
        return try result.get()
    }

    /// How long a provider that has taken a code is believed to mean the code by a refusal that it does not explain.
    private static let trust: TimeInterval = 600

    /// Whether a way back has failed by its code: what a stranger who makes codes up comes to, and what counts against their network.
    ///
    /// Of a refusal that may be the operator's fault too that is known only of a provider that takes the codes of others: a client that is set up
    /// wrongly must not keep a whole network out.
    /// - Parameter problem: why it has failed.
    package func isOfWrongCode(_ problem: LoginProblem) -> Bool {
        if problem.isOfWrongCode { return true }
        guard problem.mayBeOfWrongCode, let taken = taken.withLock({ $0 }) else { return false }
        return abs(clock().timeIntervalSince(taken)) < Self.trust
    }

    /// Finds out who comes back.
    /// - Parameters:
    ///   - query: the query of the address that the browser came back to.
    ///   - login: the login that this very browser has begun, of which nobody has come back before.
    /// - Returns: who it is.
    /// - Throws: ``LoginProblem``.
    public func finish(_ query: Substring, _ login: PendingLogin) async throws(LoginProblem) -> ProviderIdentity {
        guard login.provider == settings.name, !login.isOver(at: clock()) else { throw .unknownLogin }
        var flow: any LoginFlow
        let (issuer, namesItself): (Issuer, Bool)
        switch settings.kind {
        case .oidc:
            let metadata = try await published.metadata()
            (issuer, namesItself) = (settings.issuer, metadata.namesItself ?? false)
            flow = OIDCFlow(
                settings, metadata, login, tokenEndpoint: try metadata.login().token,
                assertion: try await assertion(metadata))
        case .github:
            // Servers of before 2026 do not name themselves.
            issuer = Issuer(GitHubAddresses(authorizationURL: settings.authorizationURL).authorizationServer)
            namesItself = false
            flow = GitHubFlow(settings, login)
        }
        let callback = try CallbackQuery(query, login, issuer: issuer, namesItself: namesItself)
        var step = try flow.begin(code: callback.code)
        while true {
            switch step {
            case .ask(let request):
                step = try flow.answered(try await transport.send(request))
                // The first question is the code.
                taken.withLock { $0 = clock() }
            case .verify(let idToken): step = try flow.verified(try await claims(of: idToken, login))
            case .done(let identity): return identity
            }
        }
    }

    /// The longest ID token that goes into an address as a hint, in bytes.
    static let maximumHintLength = 2048

    /// Where a browser is sent so that the provider's own session ends too (OpenID Connect RP-Initiated Logout 1.0); nil if it has no such place.
    /// - Parameters:
    ///   - returnTo: where it is sent afterwards, as the provider has registered it.
    ///   - hint: the ID token of the login, by which the provider knows whose session it is and need not ask.
    public func logoutURL(returnTo: String, hint: Secret? = nil) async -> String? {
        guard settings.kind == .oidc, let endpoint = try? await published.metadata().endSessionEndpoint else {
            return nil
        }
        var fields = [("client_id", settings.clientID), ("post_logout_redirect_uri", returnTo)]
        // Web servers take lines of 4 or 8 KiB. The hint is recommended, not needed (RP-Initiated Logout 1.0, 2): without it the provider asks.
        if let hint, hint.bytes.count <= Self.maximumHintLength {
            fields.append(("id_token_hint", String(decoding: hint.bytes, as: UTF8.self)))
        }
        return endpoint + (endpoint.contains("?") ? "&" : "?") + FormText.encode(fields)
    }

    /// Reads what the provider sends when somebody's session there has ended (OpenID Connect Back-Channel Logout 1.0).
    /// - Parameter token: the token that it sends.
    /// - Returns: whose session, and which.
    ///
    ///   It is good as often as it comes: whoever does what it demands notes that, together with what was done.
    /// - Throws: ``LoginProblem`` for what it has not signed, not for this client, or not now.
    public func logout(_ token: String) async throws(LoginProblem) -> LogoutToken {
        guard settings.kind == .oidc else { throw .token("GitHub sends no logout tokens") }
        let claims = try await published.claims(of: token, algorithms: settings.algorithms)
        return try LogoutToken(claims, issuer: settings.issuer, clientID: settings.clientID, at: clock())
    }

    /// Asks the provider for what it publishes, for an operator who wants to see whether it can be had.
    /// - Throws: ``LoginProblem``; never for GitHub, which publishes nothing.
    public func examine() async throws(LoginProblem) {
        guard settings.kind == .oidc else { return }
        _ = try await published.metadata().login()
        try await published.examine()
    }

    /// Reads an ID token that the provider has signed for this client, in answer to one login.
    func claims(of token: String, _ login: PendingLogin) async throws(LoginProblem) -> Claims {
        let claims = try await published.claims(
            of: token, algorithms: settings.algorithms, limit: SignedToken.maximumIDTokenLength)
        let rules = IDTokenRules(issuer: settings.issuer, clientID: settings.clientID)
        // Where the provider does not say when, that it was asked to ask anew must do, by the operator's word.
        let isProven = login.isFresh && settings.authenticationTime == .required
        try rules.check(claims, nonce: login.nonce, isFresh: isProven, at: clock())
        return claims
    }

    private func assertion(_ metadata: ProviderMetadata) async throws(LoginProblem) -> String? {
        guard case .privateKey(let pem, let keyID) = settings.authentication else { return nil }
        return try await ClientAssertion.make(
            pem, keyID: keyID, clientID: settings.clientID, audience: try metadata.login().token, at: clock())
    }
}
