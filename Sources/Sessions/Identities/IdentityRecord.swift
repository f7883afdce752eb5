public import Credentials
public import struct Foundation.Date

/// Somebody as a provider has last said who they are.
public struct IdentityRecord: Sendable, Hashable {
    /// The provider's source.
    public let source: SourceName
    /// Issuer and subject: the two together, as the provider never gives them to a second person.
    public let identity: Identity
    /// The user name, which nobody else has.
    public let userName: UserName
    /// The groups of the last login, and whether the name is an operator's word.
    public let groups: StatedGroups
    /// The name for people.
    public let displayName: String?
    /// The mail address, if the provider has verified it.
    public let email: String?
    /// When they have logged in last.
    public let lastLogin: Date

    /// Describes somebody.
    public init(
        source: SourceName, identity: Identity, userName: UserName, groups: StatedGroups, displayName: String?,
        email: String?, lastLogin: Date
    ) {
        self.source = source
        self.identity = identity
        self.userName = userName
        self.groups = groups
        self.displayName = displayName
        self.email = email
        self.lastLogin = lastLogin
    }

    /// Who it is.
    /// - Parameter naming: how the provider's groups are named today; nil for no groups.
    public func principal(_ naming: GroupNaming?) -> Principal {
        Principal(
            userName: userName, groups: naming?.groups(groups.names) ?? [], source: source,
            method: .identityProvider, displayName: displayName, email: email, identity: identity)
    }
}
