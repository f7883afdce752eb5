/// What an operator demands of the claims of whoever may come in (`requiredClaims`), of people and of programs alike.
struct ClaimDemands: Sendable {
    /// A demand that is not met.
    enum Unmet: Hashable {
        /// The claim says something else, or is missing.
        case claim(String)
        /// The claim is an address that the provider has not verified: anybody could write it into their profile.
        case unverifiedAddress
    }

    private let demands: [(name: String, values: [ClaimValue])]

    /// - Parameter required: the values that count, by the name of a claim or the path to it.
    init(_ required: [String: [ClaimValue]]) {
        demands = required.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// The claims that they look at.
    var paths: [ClaimPath] { demands.map { ClaimPath(named: $0.name) } }

    /// Holds claims against them.
    /// - Returns: the first demand that is not met; nil if all are.
    func unmet(by claims: Claims) -> Unmet? {
        for (name, values) in demands {
            let path = ClaimPath(named: name)
            guard let said = path.value(in: claims), values.contains(where: { $0.isSaid(by: said) }) else {
                return .claim(name)
            }
            if path.isClaim("email"), !claims.isEmailVerified { return .unverifiedAddress }
        }
        return nil
    }
}
