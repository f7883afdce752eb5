/// A group that a principal belongs to.
public struct Group: Sendable, Hashable {
    /// The short name: of a directory's group the value of its first RDN (`admins` of `cn=admins,ou=Groups,…`), of a provider's group what the
    /// provider calls it.
    public let name: GroupName
    /// Who states it, if that is not the operator or the directory: a provider, or an issuer of tokens, as the configuration names it. A group of
    /// theirs is never the group of the same name of somebody else.
    public let authority: GroupName?
    /// The full distinguished name, if the group is a directory's.
    public let distinguishedName: String?
    /// The same, read.
    private let entry: DistinguishedName?

    /// Names a group of a directory or a file.
    /// - Parameters:
    ///   - name: the short name.
    ///   - distinguishedName: the full DN, if it has one.
    public init(name: GroupName, distinguishedName: String? = nil) {
        self.name = name
        self.distinguishedName = distinguishedName
        authority = nil
        entry = distinguishedName.flatMap { DistinguishedName($0) }
    }

    /// Names a group that a provider, or an issuer of tokens, states.
    /// - Parameters:
    ///   - name: what it calls the group.
    ///   - authority: what the configuration calls it.
    public init(name: GroupName, of authority: GroupName) {
        self.name = name
        self.authority = authority
        (distinguishedName, entry) = (nil, nil)
    }

    /// The name as policies write it and header fields show it: `corp:operators` of the group `operators` of the provider `corp`.
    public var qualifiedName: GroupName {
        guard let authority else { return name }
        return Self.qualified(name, of: authority)
    }

    /// The name by which a policy means a provider's group.
    /// - Parameters:
    ///   - name: what the provider calls it.
    ///   - authority: what the configuration calls the provider.
    public static func qualified(_ name: GroupName, of authority: GroupName) -> GroupName {
        GroupName("\(authority.text):\(name.text)")
    }

    /// The distinguished name in the text that is the same for each of its spellings: a key of dictionaries. It was read already.
    package var comparableName: String? {
        distinguishedName.map { entry?.canonical ?? StringPreparation.caseIgnore($0) }
    }

    /// Whether an operator means this group.
    ///
    /// Distinguished names compare as a directory compares them. Short names of a directory's groups compare without regard
    /// to case, as the directory does; all others byte by byte.
    /// - Parameter pattern: the name in a policy.
    /// - Returns: true if it means this group.
    public func matches(_ pattern: GroupPattern) -> Bool {
        if qualifiedName == pattern.name { return true }
        guard let entry else { return false }
        return entry == pattern.distinguishedName
            || StringPreparation.caseIgnore(name.text).hasSameBytes(as: pattern.folded)
    }

    /// Whether an operator means this group, for a name that is compared once.
    /// - Parameter pattern: the name in a policy.
    /// - Returns: true if it means this group.
    public func matches(_ pattern: GroupName) -> Bool { matches(GroupPattern(pattern)) }
}
