/// What a source says when it is asked whether a user still exists.
public enum UserLookup: Sendable {
    /// The user exists and is enabled; the principal holds the groups of today.
    case found(Principal)
    /// No such user.
    case absent
    /// The user exists and may not log in.
    case disabled
    /// The source could not look.
    case unavailable(SourceFailure)
}

/// A source that can say, without any secret, whether a user still exists: what the owner of an API key is checked with.
public protocol UserDirectory: Sendable {
    /// The name that API keys of its users remember.
    var name: SourceName { get }

    /// Looks a user up.
    /// - Parameter userName: the canonical user name.
    /// - Returns: what is known of the user now. Does not throw: a failure is ``UserLookup/unavailable(_:)``.
    func lookUp(userName: String) async -> UserLookup
}
