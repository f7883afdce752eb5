public import Credentials

/// Who a provider says that somebody is.
public struct ProviderIdentity: Sendable {
    /// The provider's issuer.
    public let issuer: Issuer
    /// The name that the issuer never gives to a second person.
    public let subject: Subject
    /// The user name that the mapped claim gives, or why there is none: whom an operator has linked to a person needs none.
    public let userName: Result<String, LoginProblem>
    /// The groups of today.
    public let groups: [String]
    /// The name for people.
    public let displayName: String?
    /// The mail address, if the provider has verified it.
    public let email: String?
    /// When they have shown the provider who they are, in seconds since 1970; nil if it does not say.
    public let authenticated: Double?
    /// What the provider calls its own session (`sid`); nil if it does not say.
    public let session: String?
    /// The ID token, for a logout there; nil if the provider has none.
    public let idToken: Secret?
    /// What the provider has left out of the groups, and why, for the log.
    public var gaps: [String] = []

    /// What keys and sessions are bound to: issuer and subject, never an address.
    public var identity: Identity { Identity(issuer, subject) }
}
