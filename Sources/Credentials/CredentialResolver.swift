/// Asks the sources in order and turns their verdicts into one outcome.
///
/// Safe to share: it holds no state of a request. What it promises is listed as rules 1 to 5 in docs/design.md.
public struct CredentialResolver: Sendable {
    /// One source in the resolver's order.
    public struct Entry: Sendable {
        /// The source.
        public let source: any CredentialSource
        /// Whether its word is final for the users that it knows, and its failure final for everybody.
        public let isAuthoritative: Bool

        /// Puts a source into the order.
        /// - Parameters:
        ///   - source: the source.
        ///   - isAuthoritative: true to stop here for users that it knows, instead of falling through to the next.
        public init(_ source: any CredentialSource, isAuthoritative: Bool = false) {
            self.source = source
            self.isAuthoritative = isAuthoritative
        }
    }

    private let sources: [any CredentialSource]
    private let candidates: [Resolution.Candidate]
    private let refusalDelay: RefusalDelay

    /// Makes a resolver.
    /// - Parameters:
    ///   - entries: the sources, first asked first. Sources of API keys are asked first about key-shaped secrets, and
    ///     about nothing else, wherever they stand.
    ///   - failDelay: a refusal is answered no earlier than this after the credential arrived. 0 for none.
    ///   - maximumDelayed: how many refusals may wait at once; past it they are ``Outcome/unavailable(_:)``.
    public init(entries: [Entry], failDelay: Duration = .seconds(1), maximumDelayed: Int = 10_000) {
        self.sources = entries.map(\.source)
        self.candidates = entries.map {
            .init(keyShapedSecrets: $0.source.keyShapedSecrets, isAuthoritative: $0.isAuthoritative)
        }
        self.refusalDelay = RefusalDelay(delay: failDelay, limit: maximumDelayed)
    }

    /// Answers for a credential that a source remembers, without suspending.
    /// - Parameter credential: the credential of a request.
    /// - Returns: the principal, or nil if it takes ``resolve(_:arrived:)`` to find out. Never a refusal.
    public func principalIfKnown(_ credential: BasicCredential) -> Principal? {
        guard CredentialRules.refusal(of: credential) == nil else { return nil }
        let isKeyShaped = credential.secret.isKeyShaped
        for source in sources where (source.keyShapedSecrets == .keysOnly) == isKeyShaped {
            if let principal = source.principalIfKnown(credential) { return principal }
        }
        return nil
    }

    /// Finds out whose credential this is.
    ///
    /// A refusal takes at least `failDelay`, and costs the same whether or not the user exists.
    /// - Parameters:
    ///   - credential: the credential of a request.
    ///   - arrived: when the request arrived.
    /// - Returns: the outcome. Does not throw.
    public func resolve(
        _ credential: BasicCredential, arrived: ContinuousClock.Instant = .now
    ) async -> Outcome {
        if let reason = CredentialRules.refusal(of: credential) {
            return await refuse(reason, arrived: arrived)
        }
        var resolution = Resolution(candidates: candidates, secretIsKeyShaped: credential.secret.isKeyShaped)
        while true {
            switch resolution.next() {
            case .ask(let index):
                resolution.take(await sources[index].judge(credential), of: index)
            case .finish(.refused(let reason)):
                for index in resolution.unknowing { await sources[index].spendCostOfRefusal(credential) }
                return await refuse(reason, arrived: arrived)
            case .finish(let outcome):
                return outcome
            }
        }
    }

    /// Asks every source about a credential, for an operator who wants to see what each of them says.
    ///
    /// The rules hold all the same: a key-shaped secret never goes to a directory.
    /// - Parameter credential: the credential.
    /// - Returns: what each source said, in the order in which they were asked.
    public func explain(_ credential: BasicCredential) async -> [(SourceName, Verdict)] {
        guard CredentialRules.refusal(of: credential) == nil else { return [] }
        // With no source authoritative and no verdict taken, the plan names each source that may see the secret.
        let plain = candidates.map {
            Resolution.Candidate(keyShapedSecrets: $0.keyShapedSecrets, isAuthoritative: false)
        }
        var resolution = Resolution(candidates: plain, secretIsKeyShaped: credential.secret.isKeyShaped)
        var verdicts: [(SourceName, Verdict)] = []
        while case .ask(let index) = resolution.next() {
            verdicts.append((sources[index].name, await sources[index].judge(credential)))
        }
        return verdicts
    }

    /// Refuses a request whose credential could not even be read, no faster than any other refusal.
    /// - Parameters:
    ///   - reason: why.
    ///   - arrived: when the request arrived.
    /// - Returns: the refusal, or ``Outcome/unavailable(_:)`` if too many refusals wait already.
    public func refuse(_ reason: RefusalReason, arrived: ContinuousClock.Instant) async -> Outcome {
        guard await refusalDelay.hold(since: arrived) else {
            return .unavailable(
                SourceFailure(.overloaded, detail: "too many refused requests are waiting for their answer"))
        }
        return .refused(reason)
    }

    /// The state of each source, in order.
    /// - Returns: name and state.
    public func states() async -> [(SourceName, SourceState)] {
        var states: [(SourceName, SourceState)] = []
        for source in sources { states.append((source.name, await source.state())) }
        return states
    }
}
