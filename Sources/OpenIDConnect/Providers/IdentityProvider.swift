import Credentials
import Foundation

/// A provider that people log in with: sends their browsers there, and finds out who it is that comes back.
///
/// It is asked for nothing before the first login, and what it has published is remembered: one that is down keeps nothing else. An actor, so
/// that logins at the same time ask once.
public actor IdentityProvider {
    /// What the operator says of it.
    public nonisolated let settings: ProviderSettings
    private let transport: any ProviderTransport
    private let clock: @Sendable () -> Date
    private var memory = ProviderMemory()
    /// Questions that are under way, for all who want the answer.
    private var discovering: Task<Result<ProviderMetadata, LoginProblem>, Never>?
    private var fetching: Task<Result<KeySet, LoginProblem>, Never>?

    /// Describes a provider. Asks nothing.
    /// - Parameters:
    ///   - settings: what the operator says of it.
    ///   - transport: asks it.
    public init(_ settings: ProviderSettings, transport: HTTPTransport) {
        self.init(settings, transport: transport as any ProviderTransport) { .now }
    }

    init(
        _ settings: ProviderSettings, transport: any ProviderTransport, clock: @escaping @Sendable () -> Date
    ) {
        (self.settings, self.transport, self.clock) = (settings, transport, clock)
    }

    /// Where a browser is sent to log in.
    /// - Parameter login: the login that it begins; it has to bring that back, sealed.
    /// - Throws: ``LoginProblem`` if the provider can't be asked for where that is.
    public func authorizationURL(_ login: PendingLogin) async throws(LoginProblem) -> String {
        let endpoint: String
        switch settings.kind {
        case .oidc: endpoint = try await metadata().authorizationEndpoint
        case .github: endpoint = settings.authorizationURL ?? "https://github.com/login/oauth/authorize"
        }
        return login.authorizationURL(endpoint, settings)
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
        let namesItself: Bool
        switch settings.kind {
        case .oidc:
            let metadata = try await metadata()
            namesItself = metadata.namesItself ?? false
            flow = OIDCFlow(settings, metadata, login, assertion: try await assertion(metadata))
        case .github:
            namesItself = false
            flow = GitHubFlow(settings, login)
        }
        let callback = try CallbackQuery(query, login, issuer: settings.issuer, namesItself: namesItself)
        var step = try flow.begin(code: callback.code)
        while true {
            switch step {
            case .ask(let request): step = try flow.answered(try await transport.send(request))
            case .verify(let idToken): step = try flow.verified(try await claims(of: idToken, login))
            case .done(let identity): return identity
            }
        }
    }

    /// Where a browser is sent so that the provider's own session ends too (OpenID Connect RP-Initiated Logout 1.0); nil if it has no such place.
    /// - Parameter returnTo: where it is sent afterwards, as the provider has registered it.
    public func logoutURL(returnTo: String) async -> String? {
        guard settings.kind == .oidc, let endpoint = try? await metadata().endSessionEndpoint else { return nil }
        let fields = [("client_id", settings.clientID), ("post_logout_redirect_uri", returnTo)]
        return endpoint + (endpoint.contains("?") ? "&" : "?") + FormText.encode(fields)
    }

    /// Reads an ID token that the provider has signed for this client, in answer to one login.
    func claims(of token: String, _ login: PendingLogin) async throws(LoginProblem) -> Claims {
        let header = try TokenHeader(token, algorithms: settings.algorithms)
        let claims = try await keys(for: header).claims(of: token, header)
        let rules = IDTokenRules(issuer: settings.issuer, clientID: settings.clientID)
        try rules.check(claims, nonce: login.nonce, isFresh: login.isFresh, at: clock())
        return claims
    }

    private func assertion(_ metadata: ProviderMetadata) async throws(LoginProblem) -> String? {
        guard case .privateKey(let pem, let keyID) = settings.authentication else { return nil }
        return try await ClientAssertion.make(
            pem, keyID: keyID, clientID: settings.clientID, audience: metadata.tokenEndpoint, at: clock())
    }

    /// What the provider has published; asked for at most once at a time, and not again at once.
    private func metadata() async throws(LoginProblem) -> ProviderMetadata {
        if let known = memory.metadata.known(at: clock()) { return known }
        if discovering == nil {
            guard memory.metadata.mayAsk(at: clock()) else {
                // What was good an hour ago is better than nothing while the provider is away.
                if let old = memory.metadata.value { return old }
                throw .unreachable("it did not answer a moment ago")
            }
            memory.metadata.asked = clock()
            let (settings, transport) = (settings, transport)
            discovering = Task {
                await Self.result { () async throws(LoginProblem) in
                    let answer = try await transport.send(
                        ProviderRequest(.get, ProviderMetadata.url(ofIssuer: settings.issuer)))
                    guard answer.status == 200 else {
                        throw .provider("its metadata is answered with \(answer.status)")
                    }
                    return try ProviderMetadata(answer.body, settings)
                }
            }
        }
        let result = await discovering?.value ?? .failure(.unreachable("it was asked by nobody"))
        discovering = nil
        switch result {
        case .success(let metadata):
            memory.metadata.note(metadata, at: clock())
            return metadata
        case .failure(let problem):
            if let old = memory.metadata.value { return old }
            throw problem
        }
    }

    /// The keys, fetched anew where the token names one that is not among them: the provider may have changed them.
    private func keys(for header: TokenHeader) async throws(LoginProblem) -> KeySet {
        let known = memory.keys.known(at: clock())
        if let known, header.keyID.map(known.has) ?? !known.isEmpty { return known }
        if fetching == nil {
            guard memory.keys.mayAsk(at: clock()) else {
                if let known { return known }
                throw .unreachable("its keys could not be had a moment ago")
            }
            let url = try await metadata().keysURL
            if fetching == nil {
                memory.keys.asked = clock()
                let transport = transport
                fetching = Task {
                    await Self.result { () async throws(LoginProblem) in
                        let answer = try await transport.send(ProviderRequest(.get, url))
                        guard answer.status == 200 else {
                            throw .provider("its keys are answered with \(answer.status)")
                        }
                        return try KeySet(answer.body)
                    }
                }
            }
        }
        let result = await fetching?.value ?? .failure(.unreachable("it was asked by nobody"))
        fetching = nil
        switch result {
        case .success(let keys):
            memory.keys.note(keys, at: clock())
            return keys
        case .failure(let problem):
            if let known { return known }
            throw problem
        }
    }

    private static func result<Value>(
        _ body: () async throws(LoginProblem) -> Value
    ) async -> Result<Value, LoginProblem> {
        do throws(LoginProblem) {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }
}
