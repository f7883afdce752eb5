public import Credentials

/// Which groups a user of a directory has.
public struct GroupOptions: Sendable, Hashable {
    /// A search for the groups that name a user.
    public struct Search: Sendable, Hashable {
        /// An attribute of a group that names its members.
        public enum Member: String, Sendable, Hashable, CaseIterable {
            /// By DN (`groupOfNames`, Active Directory's `group`).
            case member
            /// By DN (`groupOfUniqueNames`).
            case uniqueMember
            /// By user name (`posixGroup`).
            case memberUid
            /// The group's number, which members have as their own primary group's (`posixGroup`).
            case gidNumber

            /// Whether its values are DNs, so that it can name groups too.
            var holdsNames: Bool { self == .member || self == .uniqueMember }
        }

        /// The entry below which groups are searched.
        public var baseDN: String
        /// The attributes of a group that name its members.
        public var members: [Member]
        /// What else must hold of a group (RFC 4515).
        public var filter: String?
        /// The attribute that holds a group's short name.
        public var nameAttribute = "cn"

        /// A search for groups.
        /// - Parameters:
        ///   - baseDN: the entry below which groups are searched.
        ///   - members: the attributes that name members.
        public init(baseDN: String, members: [Member] = [.member]) {
            self.baseDN = baseDN
            self.members = members
        }
    }

    /// Whether a member of a group is a member of the groups that this one is in.
    public enum Nesting: Sendable, Hashable {
        /// No.
        case none
        /// Yes, as Active Directory works out by itself (LDAP_MATCHING_RULE_IN_CHAIN).
        case inChain
        /// Yes, found by asking for the groups of groups, at most so many levels up.
        case walk(levels: Int)
    }

    /// The attribute of a user's entry that lists their groups, as DNs or as names; nil for none.
    public var attribute: String?
    /// A search for groups; nil for none. What it finds comes after what the attribute lists.
    public var search: Search?
    /// Groups within groups. It takes a ``search``.
    public var nesting = Nesting.none
    /// Only members of one of these, by DN or short name, may log in; empty for everybody.
    public var required: [GroupName] = []
    /// Short names for groups, by DN.
    public var names: [String: GroupName] = [:]

    /// No groups.
    public init() {}

    /// How many groups one user has at most: a guard against a tree that goes mad.
    static let maximumCount = 10_000
}
