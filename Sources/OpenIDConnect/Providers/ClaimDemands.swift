/// What an operator demands of the claims of whoever may come in (`requiredClaims`), of people and of programs alike.
struct ClaimDemands: Sendable, Hashable {
    /// A demand that is not met.
    enum Unmet: Hashable {
        /// The claim says something else, or is missing.
        case claim(String)
        /// The claim is an address that the provider has not verified: anybody could write it into their profile.
        case unverifiedAddress
    }

    private struct Demand: Hashable {
        let name: String
        let path: ClaimPath
        let values: [ClaimValue]
    }

    private let demands: [Demand]

    /// - Parameter required: the values that count, by the name of a claim or the path to it.
    init(_ required: [String: [ClaimValue]]) {
        demands = required.sorted { $0.key < $1.key }.map {
            Demand(name: $0.key, path: ClaimPath(named: $0.key), values: $0.value)
        }
    }

    /// The claims that they look at.
    var paths: [ClaimPath] { demands.map(\.path) }

    /// Holds claims against them.
    /// - Returns: the first demand that is not met; nil if all are.
    func unmet(by claims: Claims) -> Unmet? {
        for demand in demands {
            guard let said = demand.path.value(in: claims), demand.values.contains(where: { $0.isSaid(by: said) })
            else { return .claim(demand.name) }
            if demand.path.isClaim("email"), !claims.isEmailVerified { return .unverifiedAddress }
        }
        return nil
    }
}
