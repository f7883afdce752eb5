/// Whose a key is: bound to the name that the owner's source never gives to a second person, so that somebody with a recycled user
/// name inherits nothing, and a renamed person keeps their keys.
public struct CredentialOwner: Sendable, Hashable {
    /// The canonical user name when the key was made; they may have another one today.
    public let userName: UserName
    /// The source that the owner came from, which is asked whether they still exist (rule 10).
    public let source: SourceName
    /// The stable identity: see `Principal.identity`.
    public let identity: Identity

    /// Names an owner.
    /// - Parameters:
    ///   - userName: the canonical user name.
    ///   - source: the source that the owner came from.
    ///   - identity: the stable identity; nil if the name is all that is known.
    public init(userName: UserName, source: SourceName, identity: Identity? = nil) {
        self.userName = userName
        self.source = source
        self.identity = identity ?? Identity(named: userName)
    }

    /// Makes somebody an owner.
    /// - Parameter principal: who it is.
    public init(_ principal: Principal) {
        self.init(userName: principal.userName, source: principal.source, identity: principal.identity)
    }
}
