/// A group that a principal belongs to.
public struct Group: Sendable, Hashable {
    /// The short name: of a directory's group the value of its first RDN (`admins` of `cn=admins,ou=Groups,…`).
    public let name: String
    /// The full distinguished name, if the group is a directory's.
    public let distinguishedName: String?
    /// The same, read.
    private let entry: DistinguishedName?

    /// Names a group.
    /// - Parameters:
    ///   - name: the short name.
    ///   - distinguishedName: the full DN, if it has one.
    public init(name: String, distinguishedName: String? = nil) {
        self.name = name
        self.distinguishedName = distinguishedName
        entry = distinguishedName.flatMap { DistinguishedName($0) }
    }

    /// The distinguished name in the text that is the same for each of its spellings: a key of dictionaries. It was read already.
    package var comparableName: String? {
        distinguishedName.map { entry?.canonical ?? StringPreparation.caseIgnore($0) }
    }

    /// Whether an operator means this group.
    ///
    /// Distinguished names compare as a directory compares them. Short names of a directory's groups compare without regard
    /// to case, as the directory does; those of a group file exactly.
    /// - Parameter pattern: the name in a policy.
    /// - Returns: true if it means this group.
    public func matches(_ pattern: GroupPattern) -> Bool {
        if name == pattern.text { return true }
        guard let entry else { return false }
        return entry == pattern.distinguishedName || StringPreparation.caseIgnore(name) == pattern.folded
    }

    /// Whether an operator means this group, for a name that is compared once.
    /// - Parameter pattern: the name in a policy.
    /// - Returns: true if it means this group.
    public func matches(_ pattern: String) -> Bool { matches(GroupPattern(pattern)) }
}
