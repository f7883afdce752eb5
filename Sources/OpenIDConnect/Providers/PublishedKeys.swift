import Credentials
import Foundation

/// What an issuer publishes of itself, and the keys that it signs with.
///
/// It is asked for nothing before it is needed, and what it has published is remembered: one that is down keeps nothing else. An actor, so
/// that those who need it at the same time ask once.
actor PublishedKeys {
    private let issuer: Issuer
    private let discoveryURL: String
    private let authorizationURL: String?
    private let tokenURL: String?
    private let transport: any ProviderTransport
    private let clock: @Sendable () -> Date
    private var memory = ProviderMemory()
    /// Questions that are under way, for all who want the answer.
    private var discovering: Task<Result<ProviderMetadata, LoginProblem>, Never>?
    private var fetching: Task<Result<KeySet, LoginProblem>, Never>?

    /// - Parameters:
    ///   - issuer: as its metadata names it.
    ///   - discoveryURL: where that is published, if not below the issuer.
    ///   - authorizationURL: where people log in, if the operator knows better.
    ///   - tokenURL: where codes are exchanged, likewise.
    ///   - transport: asks it.
    ///   - clock: what time it is.
    init(
        issuer: Issuer, discoveryURL: String? = nil, authorizationURL: String? = nil, tokenURL: String? = nil,
        transport: any ProviderTransport, clock: @escaping @Sendable () -> Date
    ) {
        self.issuer = issuer
        self.discoveryURL = discoveryURL ?? ProviderMetadata.url(ofIssuer: issuer)
        self.authorizationURL = authorizationURL
        self.tokenURL = tokenURL
        self.transport = transport
        self.clock = clock
    }

    /// Reads a token that it has signed.
    /// - Parameters:
    ///   - token: the token.
    ///   - algorithms: the algorithms that count.
    /// - Returns: what it says, of which nothing but the signature is checked.
    /// - Throws: ``LoginProblem``.
    func claims(of token: String, algorithms: [String]) async throws(LoginProblem) -> Claims {
        let header = try TokenHeader(token, algorithms: algorithms)
        return try await keys(for: header).claims(of: token, header)
    }

    /// Asks for the metadata and the keys.
    /// - Throws: ``LoginProblem`` if one of them can't be had, or there is no key.
    func examine() async throws(LoginProblem) {
        guard try await !freshKeys().isEmpty else { throw .provider("it publishes no key that could sign anything") }
    }

    /// What the provider has published; asked for at most once at a time, and not again at once.
    func metadata() async throws(LoginProblem) -> ProviderMetadata {
        if let known = memory.metadata.known(at: clock()) { return known }
        if discovering == nil {
            guard memory.metadata.mayAsk(at: clock()) else {
                // What was good an hour ago is better than nothing while the provider is away.
                if let old = memory.metadata.value { return old }
                throw .unreachable("it did not answer a moment ago")
            }
            memory.metadata.asked = clock()
            let (issuer, authorizationURL, tokenURL, transport) = (issuer, authorizationURL, tokenURL, transport)
            let discoveryURL = discoveryURL
            discovering = Task {
                await Self.result { () async throws(LoginProblem) in
                    let answer = try await transport.send(ProviderRequest(.get, discoveryURL))
                    guard answer.status == 200 else {
                        throw .provider("its metadata is answered with \(answer.status)")
                    }
                    return try ProviderMetadata(
                        answer.body, issuer: issuer, authorizationURL: authorizationURL, tokenURL: tokenURL)
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
        return try await freshKeys()
    }

    private func freshKeys() async throws(LoginProblem) -> KeySet {
        let known = memory.keys.known(at: clock())
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
