import Credentials
import Foundation

/// What an issuer publishes of itself, and the keys that it signs with.
///
/// It is asked for nothing before it is needed, and what it has published is remembered: one that is down keeps nothing else. An actor, so
/// that those who need it at the same time ask once. Nobody waits longer than ``SharedQuestion`` lets them.
actor PublishedKeys {
    /// What a token says whose signature was verified, and by which key.
    struct Verified: Sendable {
        let claims: Claims
        /// What tells the key from others; nil for one that was not published.
        let thumbprint: String?
    }

    private let issuer: Issuer
    private let discoveryURL: String
    private let authorizationURL: String?
    private let tokenURL: String?
    private let transport: any ProviderTransport
    private let clock: @Sendable () -> Date
    private let onWithdrawal: @Sendable (KeySet) -> Void
    private var memory = ProviderMemory()
    /// Questions that are under way, for all who want the answer.
    private var discovery: SharedQuestion<ProviderMetadata>
    private var fetching: SharedQuestion<KeySet>

    /// - Parameters:
    ///   - issuer: as its metadata names it.
    ///   - discoveryURL: where that is published, if not below the issuer.
    ///   - authorizationURL: where people log in, if the operator knows better.
    ///   - tokenURL: where codes are exchanged, likewise.
    ///   - transport: asks it.
    ///   - clock: what time it is.
    ///   - limit: how long an answer may take, and how long anybody waits for one.
    ///   - onWithdrawal: told of a key set in which keys of the one before are missing.
    init(
        issuer: Issuer, discoveryURL: String? = nil, authorizationURL: String? = nil, tokenURL: String? = nil,
        transport: any ProviderTransport, clock: @escaping @Sendable () -> Date,
        limit: Duration = HTTPTransport.deadline, onWithdrawal: @escaping @Sendable (KeySet) -> Void = { _ in }
    ) {
        self.issuer = issuer
        self.discoveryURL = discoveryURL ?? ProviderMetadata.url(ofIssuer: issuer)
        self.authorizationURL = authorizationURL
        self.tokenURL = tokenURL
        self.transport = transport
        self.clock = clock
        self.onWithdrawal = onWithdrawal
        (discovery, fetching) = (SharedQuestion(limit: limit), SharedQuestion(limit: limit))
    }

    /// Reads a token that it has signed.
    /// - Parameters:
    ///   - token: the token.
    ///   - algorithms: the algorithms that count.
    ///   - limit: the longest token that is looked at, in bytes.
    /// - Returns: what it says, of which nothing but the signature is checked.
    /// - Throws: ``LoginProblem``.
    func claims(
        of token: String, algorithms: [String], limit: Int = SignedToken.maximumLength
    ) async throws(LoginProblem) -> Claims {
        try await verified(try SignedToken(token, algorithms: algorithms, limit: limit)).claims
    }

    /// Reads a token that it has signed, by whatever key it has now.
    /// - Throws: ``LoginProblem``.
    func verified(_ token: SignedToken) async throws(LoginProblem) -> Verified {
        if let known = memory.keys.known(at: clock()) {
            let version = memory.keys.version
            if let key = await known.signer(of: token) { return try Self.verified(token, key) }
            // A key may be replaced under a new name, under the old one, or where keys have no names. Whoever has signed nothing must not make
            // this server ask each time.
            guard let newer = try await keys(after: version), let key = await newer.signer(of: token) else {
                throw .token("no key of the provider has signed it")
            }
            return try Self.verified(token, key)
        }
        guard let key = try await freshKeys().signer(of: token) else {
            throw .token("no key of the provider has signed it")
        }
        return try Self.verified(token, key)
    }

    private static func verified(_ token: SignedToken, _ key: VerifyingKey) throws(LoginProblem) -> Verified {
        Verified(claims: try token.claims(), thumbprint: key.thumbprint)
    }

    /// Asks for the metadata and the keys.
    /// - Throws: ``LoginProblem`` if one of them can't be had, or there is no key.
    func examine() async throws(LoginProblem) {
        guard try await !freshKeys().isEmpty else { throw .provider("it publishes no key that could sign anything") }
    }

    /// What the provider has published; asked for at most once at a time, and not again at once.
    func metadata() async throws(LoginProblem) -> ProviderMetadata {
        if let known = memory.metadata.known(at: clock()) { return known }
        if !discovery.isUnderWay {
            guard memory.metadata.mayAsk(at: clock()) else {
                // What was good an hour ago is better than nothing while the provider is away.
                if let old = memory.metadata.value { return old }
                throw .unreachable("it did not answer a moment ago")
            }
            memory.metadata.asked = clock()
            discovery.begin {
                [issuer, discoveryURL, authorizationURL, tokenURL, transport] () async throws(LoginProblem) in
                let answer = try await transport.send(ProviderRequest(.get, discoveryURL))
                guard answer.status == 200 else {
                    throw .provider("its metadata is answered with \(answer.status)")
                }
                return try ProviderMetadata(
                    answer.body, issuer: issuer, authorizationURL: authorizationURL, tokenURL: tokenURL)
            } noting: { [weak self] result, number in
                await self?.noteMetadata(result, number)
            }
        }
        do throws(LoginProblem) {
            return try await discovery.answer()
        } catch {
            if let old = memory.metadata.value { return old }
            throw error
        }
    }

    private func noteMetadata(_ result: Result<ProviderMetadata, LoginProblem>, _ number: Int) {
        if case .success(let metadata) = result { memory.metadata.note(metadata, at: clock()) }
        discovery.end(number)
    }

    /// Keys that were fetched later than those of a version.
    /// - Returns: nil if there are none, and the provider was asked a moment ago.
    private func keys(after version: Int) async throws(LoginProblem) -> KeySet? {
        if memory.keys.version > version, let known = memory.keys.known(at: clock()) { return known }
        guard fetching.isUnderWay || memory.keys.mayAsk(at: clock()) else { return nil }
        return try await freshKeys()
    }

    private func freshKeys() async throws(LoginProblem) -> KeySet {
        if !fetching.isUnderWay {
            guard memory.keys.mayAsk(at: clock()) else {
                if let known = memory.keys.known(at: clock()) { return known }
                throw .unreachable("its keys could not be had a moment ago")
            }
            let url = try await metadata().keysURL
            // Somebody else may have begun meanwhile, or even be done.
            if !fetching.isUnderWay, memory.keys.mayAsk(at: clock()) {
                memory.keys.asked = clock()
                fetching.begin { [transport] () async throws(LoginProblem) in
                    let answer = try await transport.send(ProviderRequest(.get, url))
                    guard answer.status == 200 else { throw .provider("its keys are answered with \(answer.status)") }
                    return try KeySet(answer.body)
                } noting: { [weak self] result, number in
                    await self?.noteKeys(result, number)
                }
            }
            guard fetching.isUnderWay else {
                if let known = memory.keys.known(at: clock()) { return known }
                throw .unreachable("its keys could not be had a moment ago")
            }
        }
        return try await fetching.answer()
    }

    private func noteKeys(_ result: Result<KeySet, LoginProblem>, _ number: Int) {
        if case .success(let keys) = result {
            let before = memory.keys.value?.thumbprints ?? []
            memory.keys.note(keys, at: clock())
            if !before.isSubset(of: keys.thumbprints) { onWithdrawal(keys) }
        }
        fetching.end(number)
    }
}
