public import Credentials
import Foundation

/// Tokens of workloads, as one more source of the resolver's: whoever comes with a token that a trusted issuer has signed for this server is who it
/// says.
///
/// A token is no password: it goes to no other source, and nothing that a person keeps (API keys, sessions) is made by one. Safe to share.
public final class BearerSource: CredentialSource, RenewingSource {
    /// How it behaves.
    public struct Options: Sendable {
        /// How long a token that was verified is remembered, within its own time: so long at most a key that its issuer has withdrawn is good. 0 for not at all.
        public var cacheLifetime = Duration.seconds(60)
        /// How many tokens are remembered at most: some 2 KiB each.
        public var cacheCapacity = 4096
        /// Whether a user name is nobody's in the other sources; nil if one of them could not be asked. A token must not be taken for a person.
        public var isFree: @Sendable (_ userName: UserName, _ issuer: Issuer) async -> Bool? = { _, _ in true }

        /// A number that changes whenever a source that can be asked at no cost may have come to know a name. Never waits.
        public var nameState: @Sendable () -> UInt64 = { 0 }
        /// The usual behaviour.
        public init() {}
    }

    private struct TrustedIssuer: Sendable {
        let settings: TokenIssuerSettings
        let published: PublishedKeys
    }

    private let issuers: [TrustedIssuer]
    private let signer: RegistryTokenSigner?
    private let options: Options
    private let clock: @Sendable () -> Date
    private let recent: RecentMemory
    private struct Claim: Hashable {
        let name: UserName
        let issuer: Issuer
    }

    /// Names that were nobody else's when it was last asked.
    private let freeNames = Locked(LRUCache<Claim, Bool>(capacity: 4096))

    /// Makes the source. Asks nobody.
    /// - Parameters:
    ///   - issuers: those that publish their keys, each with what asks it.
    ///   - signer: somebody who signs by a key that is here; nil for nobody.
    ///   - options: how it behaves.
    public convenience init(
        issuers: [(settings: TokenIssuerSettings, transport: HTTPTransport)], signer: RegistryTokenSigner? = nil,
        options: Options = .init()
    ) {
        self.init(
            issuers: issuers.map { ($0.settings, $0.transport as any ProviderTransport) }, signer: signer,
            options: options, clock: { .now })
    }

    init(
        issuers: [(TokenIssuerSettings, any ProviderTransport)], signer: RegistryTokenSigner?, options: Options,
        limit: Duration = HTTPTransport.deadline, clock: @escaping @Sendable () -> Date
    ) {
        let recent = RecentMemory(capacity: options.cacheCapacity)
        self.issuers = issuers.enumerated().map { place, issuer in
            let (settings, transport) = issuer
            return TrustedIssuer(
                settings: settings,
                published: PublishedKeys(
                    issuer: settings.issuer, discoveryURL: settings.discoveryURL, transport: transport, clock: clock,
                    limit: limit
                ) {
                    Self.forget(recent, ofIssuer: place, keeping: $0.thumbprints)
                })
        }
        self.signer = signer
        self.options = options
        self.clock = clock
        self.recent = recent
    }

    /// `bearer`.
    public var name: SourceName { .bearer }
    /// Is asked about tokens alone.
    public var keyShapedSecrets: KeyShapedSecretPolicy { .never }
    /// Does.
    public var judgesTokens: Bool { true }
    /// Is ready: an issuer that is away keeps nobody out who was let in a moment ago.
    public func state() async -> SourceState { .ready }

    /// Asks each issuer for what it publishes, for an operator who wants to see whether it can be had.
    /// - Returns: the issuers, each with what keeps its tokens from being judged; nil for nothing.
    public func examine() async -> [(issuer: Issuer, problem: LoginProblem?)] {
        var found: [(Issuer, LoginProblem?)] = []
        for issuer in issuers {
            do throws(LoginProblem) {
                try await issuer.published.examine()
                found.append((issuer.settings.issuer, nil))
            } catch {
                found.append((issuer.settings.issuer, error))
            }
        }
        return found
    }

    /// Judges a token; whatever name stands beside it says nothing.
    public func judge(_ credential: BasicCredential) async -> Verdict {
        let token = String(decoding: credential.secret.bytes, as: UTF8.self)
        let digest = Bits256.sha256(of: credential.secret.bytes)
        let (epoch, date, instant) = (recent.epoch(of: digest), clock(), ContinuousClock.now)
        do throws(LoginProblem) {
            let found: Found
            switch try await find(token, at: date) {
            case .failure(let refusal): return .rejected(refusal.reason)
            case .success(let good): found = good
            }
            let bearer = found.bearer
            let names = options.nameState()
            switch await isFree(Claim(name: bearer.principal.userName, issuer: bearer.issuer)) {
            case true?: break
            case false?: return .rejected(.tokenNameTaken, of: bearer.principal.userName)
            case nil:
                return .unavailable(
                    SourceFailure(
                        .unreachable,
                        detail:
                            "no source could say whether the name of a token is a person's: '\(bearer.principal.userName)'"
                    ))
            }
            let rest = min(options.cacheLifetime, .seconds(bearer.end.timeIntervalSince(date)))
            if rest > .zero {
                let known = KnownToken(
                    bearer.principal, signer: found.signer, names: names, namesNow: options.nameState,
                    until: instant + rest)
                (recent.remember(known, digest, since: epoch) as? KnownToken)?.extend(
                    until: instant + rest, names: names)
            }
            return .authenticated(bearer.principal)
        } catch {
            switch error {
            case .unreachable(let reason):
                return .unavailable(SourceFailure(.unreachable, detail: "an issuer of tokens: \(reason)"))
            case .outage(let reason), .provider(let reason):
                return .unavailable(SourceFailure(.refused, detail: "an issuer of tokens: \(reason)"))
            default: return .rejected(.tokenUntrusted)
            }
        }
    }

    /// Whose a token is that was verified lately.
    public func principalIfKnown(_ credential: BasicCredential, at now: ContinuousClock.Instant) -> Principal? {
        knownPrincipal(credential, at: now)?.principal
    }

    /// The same, with what renews it.
    package func knownPrincipal(_ credential: BasicCredential, at now: ContinuousClock.Instant) -> KnownPrincipal? {
        let digest = Bits256.sha256(of: credential.secret.bytes)
        guard let known = recent.object(of: digest) as? KnownToken, known.renew(at: now) else { return nil }
        return KnownPrincipal(known.principal, renewal: known)
    }

    /// Forgets the tokens of somebody.
    public func forget(userName: UserName) async {
        recent.removeAll { object in
            guard let known = object as? KnownToken, known.principal.userName == userName else { return false }
            known.end(at: .now)
            return true
        }
    }

    /// Forgets the tokens of an issuer that were signed by keys that it has withdrawn.
    private static func forget(_ recent: RecentMemory, ofIssuer place: Int, keeping thumbprints: Set<String>) {
        recent.removeAll { object in
            guard let known = object as? KnownToken, known.isSigned(byOtherThan: thumbprints, ofIssuer: place) else {
                return false
            }
            known.end(at: .now)
            return true
        }
    }

    /// Whose a token is, and who has signed that.
    private struct Found {
        let bearer: TokenRules.Bearer
        var signer: (issuer: Int, thumbprint: String)?
    }

    /// Whose a token is, and until when, or why it is refused.
    private func find(_ text: String, at now: Date) async throws(LoginProblem) -> Result<Found, TokenRefusal> {
        let claimed = SignedToken.claimedIssuer(of: text)
        var refusal = TokenRefusal(.tokenUntrusted)
        // The same issuer may stand twice, for two audiences.
        for (place, issuer) in issuers.enumerated()
        where claimed?.hasSameBytes(as: issuer.settings.issuer.text) ?? false {
            let verified = try await issuer.published.verified(
                try SignedToken(text, algorithms: issuer.settings.algorithms))
            switch TokenRules.judge(verified.claims, issuer.settings, at: now) {
            case .success(let bearer):
                return .success(Found(bearer: bearer, signer: verified.thumbprint.map { (place, $0) }))
            case .failure(let other): refusal = other
            }
        }
        guard refusal.reason == .tokenUntrusted, let signer else { return .failure(refusal) }
        let token = try SignedToken(text, algorithms: SignatureAlgorithms.all)
        return TokenRules.judge(try await signer.keys.claims(of: token), signer, at: now).map { Found(bearer: $0) }
    }

    /// Whether a name is nobody else's. What was so stays so while the others are away.
    private func isFree(_ claim: Claim) async -> Bool? {
        let answer = await options.isFree(claim.name, claim.issuer)
        return freeNames.withLock { names in
            guard let answer else { return names[claim] }
            names[claim] = answer ? true : nil
            return answer
        }
    }
}
