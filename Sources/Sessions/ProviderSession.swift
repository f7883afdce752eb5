public import Credentials

/// The session that somebody has at the provider by which they have logged in: what ends the two together.
public struct ProviderSession: Sendable {
    /// The provider's source.
    public let source: SourceName
    /// Who logged in there: issuer and subject.
    public let identity: Identity
    /// What the provider calls its session (the claim `sid`: OpenID Connect Front-Channel Logout 1.0, 3); nil if it does not say.
    public let id: String?
    /// The ID token of the login, by which the provider knows at a logout whose it is (RP-Initiated Logout 1.0, 2). No log shows it.
    public let idToken: Secret?

    /// Describes a session at a provider.
    /// - Parameters:
    ///   - source: the provider's source.
    ///   - identity: who logged in there: issuer and subject.
    ///   - id: what the provider calls its session.
    ///   - idToken: the ID token of the login.
    public init(source: SourceName, identity: Identity, id: String?, idToken: Secret?) {
        self.source = source
        self.identity = identity
        self.id = id
        self.idToken = idToken
    }
}
