public import Credentials
public import struct Foundation.Date

/// Somebody as a provider has last said who they are.
public struct IdentityRecord: Sendable, Hashable {
    /// The provider's source.
    public let source: SourceName
    /// Issuer and subject: the two together, as the provider never gives them to a second person.
    public let identity: String
    /// The user name, which nobody else has.
    public let userName: String
    /// The groups that the provider has put them into then.
    public let groups: [String]
    /// The name for people.
    public let displayName: String?
    /// The mail address, if the provider has verified it.
    public let email: String?
    /// When they have logged in last.
    public let lastLogin: Date

    /// Describes somebody.
    public init(
        source: SourceName, identity: String, userName: String, groups: [String], displayName: String?, email: String?,
        lastLogin: Date
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
    public var principal: Principal {
        Principal(
            userName: userName, groups: groups.map { Group(name: $0) }, source: source, method: .identityProvider,
            displayName: displayName, email: email, identity: identity)
    }
}
