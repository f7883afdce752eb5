import Credentials

/// Which claims say who somebody is, as zot's `claimMapping` has them.
///
/// Each is the name of a claim or, where there is none of that very name, the path to it: `realm_access.roles`, `claims['a.b'].c`.
public struct ClaimMapping: Sendable, Hashable {
    /// The claim of the user name: a text, or a whole number.
    public var userName = "email"
    /// The claim of the groups: a list of texts, or one. Empty for nobody's groups.
    public var groups = "groups"
    /// Whether the operator has named the claim of the groups, and so counts on it.
    public var areGroupsNamed = false

    /// zot's own.
    public init() {}

    /// Where the user name stands.
    var userNamePath: ClaimPath { ClaimPath(named: userName) }

    /// Where the groups stand; nil if nobody wants them.
    var groupsPath: ClaimPath? { groups.isEmpty ? nil : ClaimPath(named: groups) }

    /// The user name that claims give somebody.
    /// - Returns: ``LoginProblem`` if there is none, or it is an address that the provider has not verified: whoever can write any address
    ///   into their profile would become anybody.
    func userName(_ claims: Claims) -> Result<String, LoginProblem> {
        let path = userNamePath
        guard let value = path.value(in: claims), value != .text("") else {
            return .failure(.noUserName(claim: userName))
        }
        guard let name = value.name else { return .failure(.noText(claim: userName, found: value.kind)) }
        if path.isClaim("email"), !claims.isEmailVerified { return .failure(.emailNotVerified) }
        return .success(name)
    }

    /// What is missing of the groups, for the log: an operator who names a claim counts on it, and many a provider sends it only if it is told to.
    /// - Parameter claims: all that the provider says of somebody.
    func gaps(_ claims: Claims) -> [String] {
        guard areGroupsNamed, let groupsPath, groupsPath.value(in: claims) == nil else { return [] }
        return [
            "the provider does not send the claim \(groups), which claimMapping names for the groups: the person is in none of its groups"
        ]
    }

    /// The groups that claims put somebody into.
    /// - Throws: ``LoginProblem`` if some are there that can't be read.
    func groups(_ claims: Claims) throws(LoginProblem) -> [String] {
        guard let groupsPath else { return [] }
        do throws(GroupClaim.Problem) {
            return try GroupClaim(groupsPath).names(in: claims)
        } catch {
            throw .groupsUnusable(claim: groups, reason: "\(error)")
        }
    }
}
