/// A group that a principal belongs to.
public struct Group: Sendable, Hashable {
    /// The short name: of a directory's group the value of its first RDN (`admins` of `cn=admins,ou=Groups,…`).
    public let name: String
    /// The full distinguished name, if the group is a directory's.
    public let distinguishedName: String?

    /// Names a group.
    /// - Parameters:
    ///   - name: the short name.
    ///   - distinguishedName: the full DN, if it has one.
    public init(name: String, distinguishedName: String? = nil) {
        self.name = name
        self.distinguishedName = distinguishedName
    }

    /// Whether a policy that names `pattern` means this group: by short name, or by DN without regard to case.
    /// - Parameter pattern: the name in the policy.
    /// - Returns: true if it means this group.
    public func matches(_ pattern: String) -> Bool {
        name == pattern || distinguishedName?.lowercased() == pattern.lowercased()
    }
}
