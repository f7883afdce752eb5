/// The pure part of the resolver: which source to ask next, and what their verdicts come to.
///
/// It does no input or output and knows no clock, so that each transition can be tested alone.
struct Resolution {
    /// What the resolver needs to know of a source to decide.
    struct Candidate: Sendable, Equatable {
        var keyShapedSecrets: KeyShapedSecretPolicy
        var isAuthoritative: Bool
        var judgesTokens = false
    }

    enum Step: Sendable {
        /// Ask the source at this index of the configured order.
        case ask(Int)
        /// Nothing is left to ask.
        case finish(Outcome)
    }

    private let candidates: [Candidate]
    private var queue: ArraySlice<Int>
    private var reason: RefusalReason
    private var failure: SourceFailure?
    private var decision: Outcome?
    /// The sources that had no such user: those that owe the cost of a refusal.
    private(set) var unknowing: [Int] = []
    /// The canonical name of the user whom a source has rejected, if one told it.
    private(set) var knownAs: UserName?

    /// Plans the order for one credential (rules 1 and 2).
    /// - Parameters:
    ///   - candidates: the sources, in order.
    ///   - secretIsKeyShaped: whether the secret has the form of an API key.
    ///   - secretIsTokenShaped: whether it has that of a signed token, which is for sources of tokens alone, if there are any.
    ///   - isBearer: whether the secret came without a name: then nobody but sources of keys and tokens is asked.
    init(
        candidates: [Candidate], secretIsKeyShaped: Bool, secretIsTokenShaped: Bool = false, isBearer: Bool = false
    ) {
        self.candidates = candidates
        let all = candidates.indices
        if secretIsTokenShaped, isBearer || candidates.contains(where: \.judgesTokens) {
            self.queue = all.filter { candidates[$0].judgesTokens }[...]
            self.reason = .tokenUntrusted
            return
        }
        if secretIsKeyShaped {
            let keys = all.filter { candidates[$0].keyShapedSecrets == .keysOnly }
            let passwords = all.filter { !isBearer && candidates[$0].keyShapedSecrets == .asPassword }
            self.queue = (keys + passwords)[...]
        } else {
            self.queue =
                all.filter { candidates[$0].keyShapedSecrets != .keysOnly && !candidates[$0].judgesTokens }[...]
        }
        self.reason = secretIsKeyShaped ? .unknownKey : .unknownUser
    }

    /// What to do next.
    mutating func next() -> Step {
        if let decision { return .finish(decision) }
        if let index = queue.popFirst() { return .ask(index) }
        // Rule 3: a source that could not look might have said yes.
        if let failure { return .finish(.unavailable(failure)) }
        return .finish(.refused(reason))
    }

    /// Takes the verdict of a source that ``next()`` named.
    mutating func take(_ verdict: Verdict, of index: Int) {
        switch verdict {
        case .authenticated(let principal):
            decision = .authenticated(principal)
        case .unknownUser:
            unknowing.append(index)
        case .rejected(let why, let name):
            // A key that is no password either is still the key that was revoked.
            if why.weight >= reason.weight { reason = why }
            if knownAs == nil { knownAs = name }
            if candidates[index].isAuthoritative { decision = .refused(why) }
        case .unavailable(let why):
            if failure == nil { failure = why }
            // It may know the user, and then nobody else may answer for it.
            if candidates[index].isAuthoritative { decision = .unavailable(why) }
        }
    }
}
