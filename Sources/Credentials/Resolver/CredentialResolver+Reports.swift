/// A secret that somebody reports, who shows nothing of who they are: let pass, or told to wait. It must be ended.
package struct ReportAttempt: Sendable {
    /// How long to wait before the next one; nil if this one was let pass.
    package let wait: Duration?
    private let throttle: Throttle?
    private let attempt: Throttle.Attempt?
    private let onFailure: (@Sendable (CountedFailure) -> Void)?

    init(
        _ throttle: Throttle?, _ admitted: Result<Throttle.Attempt, TooSoon>?,
        onFailure: (@Sendable (CountedFailure) -> Void)? = nil
    ) {
        (self.throttle, self.onFailure) = (throttle, onFailure)
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
        case false?:
            guard throttle.fail(attempt, as: nil, at: .now) != nil else { return }
            onFailure?(CountedFailure(userName: attempt.userName, network: attempt.network))
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

    /// Judges whether a way back from an identity provider may be looked at. Codes that the provider does not take count against the network, as
    /// wrong secrets of many names do.
    /// - Parameters:
    ///   - wayBack: what tells this way back from all others.
    ///   - client: the address that it comes from.
    package func admitWayBack(_ wayBack: Secret, from client: IPAddress?) -> ReportAttempt {
        // It names nobody: each is an account of its own.
        let tag = tagger.tag(BasicCredential(userName: "", secret: wayBack))
        let account: UserName = "code \(String(tag.short, radix: 16))"
        return ReportAttempt(
            throttle, throttle?.admit(account, tag, from: client, at: .now), onFailure: onFailure)
    }

    /// How long the network of an address has to wait, whoever it is; nil for not at all.
    package func wait(of client: IPAddress?) -> Duration? { throttle?.wait(of: client, at: .now) }

    /// The network that an address counts for.
    package func network(of client: IPAddress?) -> IPNetwork? {
        (throttle?.options ?? ThrottleOptions()).network(of: client)
    }
}
