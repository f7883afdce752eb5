/// Which claims say who somebody is, as zot's `claimMapping` has them.
public struct ClaimMapping: Sendable, Hashable {
    /// The claim of the user name.
    public var userName = "email"
    /// The claim of the groups: a list of texts, or one.
    public var groups = "groups"

    /// zot's own.
    public init() {}

    /// The longest list of groups that is read; a provider that sends more says nothing that can be relied on.
    static let maximumGroups = 10_000

    /// The user name that claims give somebody.
    /// - Returns: ``LoginProblem`` if there is none, or it is an address that the provider has not verified: whoever can write any address
    ///   into their profile would become anybody.
    func userName(_ claims: Claims) -> Result<String, LoginProblem> {
        guard let name = claims[userName]?.text, !name.isEmpty else { return .failure(.noUserName(claim: userName)) }
        if userName == "email", !claims.isEmailVerified { return .failure(.emailNotVerified) }
        return .success(name)
    }

    /// The groups that claims put somebody into.
    func groups(_ claims: Claims) -> [String] {
        switch claims[groups] {
        case .array(let values) where values.count <= Self.maximumGroups:
            values.compactMap(\.text).filter { !$0.isEmpty }
        case .text(let name) where !name.isEmpty: [name]
        default: []
        }
    }
}
