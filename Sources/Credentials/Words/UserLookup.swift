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

    /// For a source that can be asked at no cost: a number that changes whenever any of its answers may have changed. What
    /// it has said is good for as long as the number is the same, and not a moment longer. Never waits.
    ///
    /// Nil for a source on another machine, whose answers are good for a time.
    var generation: UInt64? { get }

    /// Looks a user up.
    /// - Parameter userName: the canonical user name.
    /// - Returns: what is known of the user now. Does not throw: a failure is ``UserLookup/unavailable(_:)``.
    func lookUp(userName: String) async -> UserLookup

    /// Looks up whoever has an identity, by whatever name they are called now.
    /// - Parameter identity: see ``Principal/identity``.
    /// - Returns: what is known of them now. Does not throw: a failure is ``UserLookup/unavailable(_:)``.
    func lookUp(identity: String) async -> UserLookup

    /// What changes when a user's password does, and tells nothing of it: what was granted by the password lives no longer. Never waits.
    /// - Parameter userName: the canonical user name.
    /// - Returns: nil if there is no such user, or the source can't tell.
    func passwordState(of userName: String) -> [UInt8]?

    /// Whether what ``passwordState(of:)`` once said is of the password that the user has now. Never waits.
    /// - Parameters:
    ///   - state: what it said, in hexadecimal.
    ///   - userName: the canonical user name.
    func isPasswordState(_ state: String, of userName: String) -> Bool
}

extension UserDirectory {
    /// Is on another machine.
    public var generation: UInt64? { nil }

    /// Can't tell.
    public func passwordState(of userName: String) -> [UInt8]? { nil }

    /// Compares with what it is now.
    public func isPasswordState(_ state: String, of userName: String) -> Bool {
        passwordState(of: userName)?.hexadecimal == state
    }

    /// Knows people by their names alone.
    public func lookUp(identity: String) async -> UserLookup {
        identity.hasPrefix("name:") ? await lookUp(userName: String(identity.dropFirst(5))) : .absent
    }
}
