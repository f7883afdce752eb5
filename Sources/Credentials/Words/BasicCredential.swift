/// A user name with a secret, as HTTP Basic authentication carries it (RFC 7617), or a secret alone that is sent as a bearer token (RFC 6750).
public struct BasicCredential: Sendable {
    /// The user name, as the client sent it; empty for a bearer token, which names nobody.
    public let userName: UserName
    /// The password or API key.
    public let secret: Secret
    /// Whether the secret came without a name. Only sources of API keys and of tokens see such a one: these know whose they are, a password does not.
    public let isBearer: Bool

    /// The name that the client claims; nil for a bearer token.
    package var claimedName: UserName? { isBearer ? nil : userName }

    /// Puts a credential together.
    /// - Parameters:
    ///   - userName: the user name, as the client sent it.
    ///   - secret: the password or API key.
    public init(userName: UserName, secret: Secret) {
        (self.userName, self.secret, isBearer) = (userName, secret, false)
    }

    /// A secret that is sent without a name.
    /// - Parameter secret: an API key or a signed token. Anything else is refused (``CredentialRules``).
    public init(bearer secret: Secret) {
        (userName, self.secret, isBearer) = ("", secret, true)
    }
}
