public import Credentials

/// Somebody at a provider, whom an operator links to a user of theirs: by the subject, never by an address.
public struct LinkedIdentity: Sendable, Hashable {
    /// The provider's name.
    public let provider: String
    /// The name that the provider never gives to a second person.
    public let subject: Subject

    /// Names somebody.
    /// - Parameters:
    ///   - provider: the provider's name.
    ///   - subject: the name that the provider never gives to a second person.
    public init(provider: String, subject: Subject) { (self.provider, self.subject) = (provider, subject) }
}
