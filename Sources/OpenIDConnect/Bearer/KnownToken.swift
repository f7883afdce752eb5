import Credentials

/// A token that was verified lately: an object, so that finding it copies nothing.
final class KnownToken: PrincipalRenewal {
    let principal: Principal
    /// The place of its issuer among those that are trusted, and what tells the key that signed it; nil for a key that is not published.
    let signer: (issuer: Int, thumbprint: String)?
    /// Until when it counts, and what the names of others were when it was verified.
    private struct State: Sendable {
        var until: ContinuousClock.Instant
        var names: UInt64
    }

    private let state: Locked<State>
    private let namesNow: @Sendable () -> UInt64

    init(
        _ principal: Principal, signer: (issuer: Int, thumbprint: String)?, names: UInt64,
        namesNow: @escaping @Sendable () -> UInt64, until: ContinuousClock.Instant
    ) {
        (self.principal, self.signer, self.namesNow) = (principal, signer, namesNow)
        state = Locked(State(until: until, names: names))
    }

    /// A file that has changed may have the name by now.
    func renew(at now: ContinuousClock.Instant) -> Bool {
        let state = state.withLock { $0 }
        return now < state.until && state.names == namesNow()
    }

    /// Whether it was signed by a key of an issuer that is none of these any more.
    func isSigned(byOtherThan thumbprints: Set<String>, ofIssuer issuer: Int) -> Bool {
        guard let signer, signer.issuer == issuer else { return false }
        return !thumbprints.contains(signer.thumbprint)
    }

    /// Notes that the same token was verified once more.
    func extend(until instant: ContinuousClock.Instant, names: UInt64) {
        state.withLock { $0 = State(until: max($0.until, instant), names: names) }
    }

    /// Makes it count no more, wherever it is remembered.
    func end(at now: ContinuousClock.Instant) { state.withLock { $0.until = now } }
}
