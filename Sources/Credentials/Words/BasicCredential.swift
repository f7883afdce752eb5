/// A user name with a secret, as HTTP Basic authentication carries it (RFC 7617).
public struct BasicCredential: Sendable {
    /// The user name, as the client sent it.
    public let userName: String
    /// The password or API key.
    public let secret: Secret

    /// Puts a credential together.
    /// - Parameters:
    ///   - userName: the user name, as the client sent it.
    ///   - secret: the password or API key.
    public init(userName: String, secret: Secret) {
        self.userName = userName
        self.secret = secret
    }
}
