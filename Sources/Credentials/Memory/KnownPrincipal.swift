/// Somebody whose credential a source remembers.
package struct KnownPrincipal: Sendable {
    /// Who it is.
    package let principal: Principal
    /// What tells later whether that still holds; nil if it takes the credential to find out.
    package let renewal: (any PrincipalRenewal)?

    package init(_ principal: Principal, renewal: (any PrincipalRenewal)? = nil) {
        self.principal = principal
        self.renewal = renewal
    }
}

/// Tells whether what a source said of a credential still holds, for less than judging the credential again costs.
package protocol PrincipalRenewal: AnyObject, Sendable {
    /// Whether the same credential would be let in now, as the same principal. If so it counts as used. Never waits.
    /// - Parameter now: the time.
    func renew(at now: ContinuousClock.Instant) -> Bool
}

/// A source whose memory can be renewed.
package protocol RenewingSource: CredentialSource {
    /// What ``CredentialSource/principalIfKnown(_:at:)`` says, and what renews it.
    func knownPrincipal(_ credential: BasicCredential, at now: ContinuousClock.Instant) -> KnownPrincipal?
}

/// A source that holds API keys, asked for what renews its memory if it has that.
struct KeySource: Sendable {
    private let source: any CredentialSource
    private let renewing: (any RenewingSource)?

    init(_ source: any CredentialSource) {
        self.source = source
        // Once: a cast takes longer than the question.
        renewing = source as? any RenewingSource
    }

    func knownPrincipal(_ credential: BasicCredential, at now: ContinuousClock.Instant) -> KnownPrincipal? {
        if let renewing { return renewing.knownPrincipal(credential, at: now) }
        return source.principalIfKnown(credential, at: now).map { KnownPrincipal($0) }
    }
}
