/// How an operator names a group: by its distinguished name or by its short name. Read once, compared often.
public struct GroupPattern: Sendable, Hashable {
    /// The name as it was written.
    public let name: GroupName
    /// For a distinguished name, what it is compared by.
    let distinguishedName: DistinguishedName?
    /// For a short name of a directory's group.
    let folded: String

    /// Reads a name.
    /// - Parameter name: such as `cn=admins,ou=Groups,dc=example,dc=org`, or `admins`.
    public init(_ name: GroupName) {
        self.name = name
        distinguishedName = DistinguishedName(name.text)
        folded = StringPreparation.caseIgnore(name.text)
    }
}
