/// How groups that a provider, or an issuer of tokens, states are named here.
///
/// Whoever may make groups there could otherwise make themselves members of the operator's own: a group `operators` of the provider `corp` is
/// `corp:operators` to a policy, unless the operator gives it a name without that.
public struct GroupNaming: Sendable, Hashable {
    /// What the configuration calls who states them.
    public let authority: GroupName
    /// The names without an authority that an operator gives to some, by what the provider calls them.
    public var bare: [GroupName: GroupName]
    /// Whether all names count as they stand: the operator trusts the provider with every group that a policy names.
    public var isTrusted: Bool

    /// Describes how groups are named.
    /// - Parameters:
    ///   - authority: what the configuration calls who states them.
    ///   - bare: the names without an authority that an operator gives to some.
    ///   - isTrusted: whether all names count as they stand.
    public init(of authority: GroupName, bare: [GroupName: GroupName] = [:], isTrusted: Bool = false) {
        (self.authority, self.bare, self.isTrusted) = (authority, bare, isTrusted)
    }

    /// Names groups.
    /// - Parameter names: what the provider calls them.
    public func groups(_ names: [GroupName]) -> [Group] {
        names.map { name in
            if let bare = bare[name] { return Group(name: bare) }
            return isTrusted ? Group(name: name) : Group(name: name, of: authority)
        }
    }
}
