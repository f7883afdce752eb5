/// What a source says when it is asked whether a user still exists.
public enum UserLookup: Sendable {
    /// The user exists and is enabled; the principal holds the groups of today.
    case found(Principal)
    /// No such user.
    case absent
    /// The user exists and may not log in; who it is, where the source can tell.
    case disabled(Principal?)
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
    func lookUp(userName: UserName) async -> UserLookup

    /// Whether the names of its people are the operator's or the directory's to give. Those of a provider, a token or a certificate are chosen where
    /// nobody knows of the others: such a person has a name only for as long as nobody else has it.
    var givesNames: Bool { get }

    /// Whether a name is one of its people's, or one that an application might take for theirs: in another case, or in a form that looks the same.
    /// - Parameter userName: a name that somebody else wants to have.
    /// - Returns: nil if the source could not look.
    func isTaken(_ userName: UserName) async -> Bool?

    /// Looks up whoever has an identity, by whatever name they are called now.
    /// - Parameter identity: see ``Principal/identity``.
    /// - Returns: what is known of them now. Does not throw: a failure is ``UserLookup/unavailable(_:)``.
    func lookUp(identity: Identity) async -> UserLookup

    /// What changes when a user's password does, and tells nothing of it: what was granted by the password lives no longer. Never waits.
    /// - Parameter userName: the canonical user name.
    /// - Returns: nil if there is no such user, or the source can't tell.
    func passwordState(of userName: UserName) -> [UInt8]?

    /// Whether what ``passwordState(of:)`` once said is of the password that the user has now. Never waits.
    /// - Parameters:
    ///   - state: what it said, in hexadecimal.
    ///   - userName: the canonical user name.
    func isPasswordState(_ state: String, of userName: UserName) -> Bool
}

extension UserDirectory {
    /// Gives them.
    public var givesNames: Bool { true }

    /// Whoever is known by it has it: a directory takes each spelling of a name for one.
    public func isTaken(_ userName: UserName) async -> Bool? {
        switch await lookUp(userName: userName) {
        case .absent: false
        case .found, .disabled: true
        case .unavailable: nil
        }
    }

    /// Is on another machine.
    public var generation: UInt64? { nil }

    /// Can't tell.
    public func passwordState(of userName: UserName) -> [UInt8]? { nil }

    /// Compares with what it is now.
    public func isPasswordState(_ state: String, of userName: UserName) -> Bool {
        passwordState(of: userName)?.hexadecimal == state
    }

    /// Knows people by their names alone.
    public func lookUp(identity: Identity) async -> UserLookup {
        guard let userName = identity.userName else { return .absent }
        return await lookUp(userName: userName)
    }
}
