public import Credentials

/// What an operator grants, as zot's `http.accessControl` has it: values that are not checked yet. ``AccessRules`` is what they come to.
public struct AccessConfiguration: Sendable, Hashable {
    /// What some users and groups may do.
    public struct Policy: Sendable, Hashable {
        /// Canonical user names; compared byte by byte, and `*` is no wildcard.
        public var users: [UserName]
        /// Names of groups: see ``AccessConfiguration/groupNames``.
        public var groups: [GroupName]
        /// What they may do.
        public var actions: ActionSet

        /// Grants actions.
        /// - Parameters:
        ///   - users: to these users.
        ///   - groups: to the members of these groups.
        ///   - actions: the actions.
        public init(users: [UserName] = [], groups: [GroupName] = [], actions: ActionSet) {
            self.users = users
            self.groups = groups
            self.actions = actions
        }
    }

    /// What may be done with the repositories that a pattern takes. Of several patterns that take a repository the longest counts.
    public struct Repositories: Sendable, Hashable {
        /// The pattern: see ``Glob``.
        public var pattern: String
        /// What some may; each grants on its own.
        public var policies: [Policy]
        /// What everybody may who has shown who they are.
        public var defaultPolicy: ActionSet
        /// What those may who have not; nobody else.
        public var anonymousPolicy: ActionSet

        /// Grants actions on repositories.
        /// - Parameters:
        ///   - pattern: which repositories: see ``Glob``.
        ///   - policies: what some may.
        ///   - defaultPolicy: what everybody may who has shown who they are.
        ///   - anonymousPolicy: what those may who have not.
        public init(
            _ pattern: String, policies: [Policy] = [], defaultPolicy: ActionSet = [], anonymousPolicy: ActionSet = []
        ) {
            self.pattern = pattern
            self.policies = policies
            self.defaultPolicy = defaultPolicy
            self.anonymousPolicy = anonymousPolicy
        }
    }

    /// How a policy names a directory's groups. Groups without a distinguished name are always named by their own.
    public enum GroupNames: String, Sendable, Hashable, CaseIterable {
        /// By distinguished name, as in zot.
        case dn
        /// By the value of its first RDN. Two groups of different branches may have the same.
        case short
        /// By either.
        case both
    }

    /// Patterns and what they grant.
    public var repositories: [Repositories]
    /// What some may do with every repository, whatever else is said of it.
    public var adminPolicy: Policy?
    /// Groups that the operator makes: their members, by name.
    public var groups: [GroupName: [UserName]]
    /// How policies name a directory's groups.
    public var groupNames: GroupNames
    /// The providers and issuers of tokens that state groups of their own, as the configuration names them: what a policy names `corp:operators` is the
    /// group `operators` of the provider `corp` and nobody else's, if there is such a provider.
    public var authorities: Set<GroupName>

    /// Takes what an operator grants.
    /// - Parameters:
    ///   - repositories: patterns and what they grant.
    ///   - adminPolicy: what some may do with every repository.
    ///   - groups: groups that the operator makes.
    ///   - groupNames: how policies name a directory's groups.
    ///   - authorities: the providers and issuers of tokens that state groups of their own.
    public init(
        repositories: [Repositories] = [], adminPolicy: Policy? = nil, groups: [GroupName: [UserName]] = [:],
        groupNames: GroupNames = .dn, authorities: Set<GroupName> = []
    ) {
        self.repositories = repositories
        self.adminPolicy = adminPolicy
        self.groups = groups
        self.groupNames = groupNames
        self.authorities = authorities
    }
}
