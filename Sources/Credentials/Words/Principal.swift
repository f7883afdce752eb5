/// Who it is that asks.
public struct Principal: Sendable, Hashable {
    /// The canonical user name: as the source stores it, not as the client typed it.
    public let userName: UserName
    /// The groups of the user, as the source knows them now.
    public let groups: [Group]
    /// The source that the person belongs to. For somebody who came in by API key this is the key's owner's source.
    public let source: SourceName
    /// How they proved it.
    public let method: AuthenticationMethod
    /// The name to show to people, if the source has one.
    public let displayName: String?
    /// The mail address, if the source has one.
    public let email: String?
    /// The name that the source never gives to a second person, such as `entryUUID:…`; `name:…` where the user name is all that it
    /// has. API keys are bound to it.
    public let identity: Identity

    /// Describes a principal.
    /// - Parameters:
    ///   - userName: the canonical user name.
    ///   - groups: the groups of the user.
    ///   - source: the source that the person belongs to.
    ///   - method: how they proved who they are.
    ///   - displayName: the name to show to people.
    ///   - email: the mail address.
    ///   - identity: the name that the source never gives to a second person; nil if the user name is all that it has.
    public init(
        userName: UserName, groups: [Group] = [], source: SourceName, method: AuthenticationMethod = .password,
        displayName: String? = nil, email: String? = nil, identity: Identity? = nil
    ) {
        self.userName = userName
        self.groups = groups
        self.source = source
        self.method = method
        self.displayName = displayName
        self.email = email
        self.identity = identity ?? Identity(named: userName)
    }

    /// The same person, come in by another way.
    /// - Parameter method: how they proved who they are.
    /// - Returns: a principal that differs in its method alone.
    public func authenticated(by method: AuthenticationMethod) -> Principal {
        Principal(
            userName: userName, groups: groups, source: source, method: method, displayName: displayName, email: email,
            identity: identity)
    }
}
