/// A secret that somebody reports, who shows nothing of who they are: let pass, or told to wait. It must be ended.
package struct ReportAttempt: Sendable {
    /// How long to wait before the next one; nil if this one was let pass.
    package let wait: Duration?
    private let throttle: Throttle?
    private let attempt: Throttle.Attempt?

    init(_ throttle: Throttle?, _ admitted: Result<Throttle.Attempt, TooSoon>?) {
        self.throttle = throttle
        switch admitted {
        case .success(let attempt): (self.attempt, wait) = (attempt, nil)
        case .failure(let tooSoon): (attempt, wait) = (nil, tooSoon.wait)
        case nil: (attempt, wait) = (nil, nil)
        }
    }

    /// Notes what it came to.
    /// - Parameter found: whether the secret was something; nil if that could not be found out.
    package func end(_ found: Bool?) {
        guard let throttle, let attempt else { return }
        switch found {
        case true?: throttle.succeed(attempt, as: nil)
        case false?: _ = throttle.fail(attempt, as: nil, at: .now)
        case nil: throttle.abandon(attempt)
        }
    }
}

extension CredentialResolver {
    /// Judges whether a report of a secret may be looked at: guesses are slowed down by network, as those of credentials are.
    /// - Parameters:
    ///   - secret: what is reported.
    ///   - client: the address that it comes from.
    package func admitReport(of secret: Secret, from client: IPAddress?) -> ReportAttempt {
        // No credential has an empty name: those who report are counted for themselves.
        let tag = tagger.tag(BasicCredential(userName: "", secret: secret))
        return ReportAttempt(throttle, throttle?.admit("", tag, from: client, at: .now))
    }
}
