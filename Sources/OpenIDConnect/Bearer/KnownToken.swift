import Credentials

/// A token that was verified lately: an object, so that finding it copies nothing.
final class KnownToken: PrincipalRenewal {
    let principal: Principal
    /// The place of its issuer among those that are trusted, and what tells the key that signed it; nil for a key that is not published.
    let signer: (issuer: Int, thumbprint: String)?
    private let until: Locked<ContinuousClock.Instant>

    init(_ principal: Principal, signer: (issuer: Int, thumbprint: String)?, until: ContinuousClock.Instant) {
        (self.principal, self.signer, self.until) = (principal, signer, Locked(until))
    }

    func renew(at now: ContinuousClock.Instant) -> Bool { now < until.withLock { $0 } }

    /// Whether it was signed by a key of an issuer that is none of these any more.
    func isSigned(byOtherThan thumbprints: Set<String>, ofIssuer issuer: Int) -> Bool {
        guard let signer, signer.issuer == issuer else { return false }
        return !thumbprints.contains(signer.thumbprint)
    }

    /// Notes that the same token was verified once more.
    func extend(until instant: ContinuousClock.Instant) { until.withLock { $0 = max($0, instant) } }

    /// Makes it count no more, wherever it is remembered.
    func end(at now: ContinuousClock.Instant) { until.withLock { $0 = now } }
}
