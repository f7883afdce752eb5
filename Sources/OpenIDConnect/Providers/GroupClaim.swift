import Credentials

/// Reads groups out of claims, so that none is lost without a word: what is no list of names is a problem, not an empty list.
struct GroupClaim: Sendable {
    /// Why groups can't be read.
    enum Problem: Error, Hashable, CustomStringConvertible {
        /// It is no text and no list of texts.
        case type(String)
        /// There are too many.
        case tooMany
        /// The token says that they are somewhere else (OpenID Connect Core 1.0, 5.6.2; Entra ID does so above 200).
        case elsewhere

        var description: String {
            switch self {
            case .type(let kind):
                "it is \(kind), not a list of texts: have the provider send names, or name the place of the names in claimMapping.groups, such as realm_access.roles"
            case .tooMany:
                "it has more than \(GroupClaim.maximum) entries: have the provider send only those that count here"
            case .elsewhere:
                "the person is in more groups than fit into the token, which holds none of them then: have the provider send the groups that are assigned to the application alone, or app roles with claimMapping.groups: roles"
            }
        }
    }

    /// The longest list that is read; a provider that sends more says nothing that can be relied on.
    static let maximum = 10_000

    private let path: ClaimPath

    /// - Parameter path: where they stand.
    init(_ path: ClaimPath) { self.path = path }

    /// The names that claims put somebody into.
    /// - Returns: none if the claim is not there.
    /// - Throws: ``Problem`` if there are some that can't be read.
    func names(in claims: Claims) throws(Problem) -> [String] {
        switch path.value(in: claims) {
        case nil:
            guard !isElsewhere(claims) else { throw .elsewhere }
            return []
        case .text(let name)?: return name.isEmpty ? [] : [name]
        case .array(let values)?:
            guard values.count <= Self.maximum else { throw .tooMany }
            var names: [String] = []
            for value in values {
                switch value {
                case .null: continue
                case .text(let name): if !name.isEmpty { names.append(name) }
                default: throw .type("a list with \(value.kind) in it")
                }
            }
            return names
        case let other?: throw .type(other.kind)
        }
    }

    private func isElsewhere(_ claims: Claims) -> Bool {
        if case .object(let names)? = claims["_claim_names"], names.keys.contains(where: path.beginsWith) {
            return true
        }
        // Entra ID's short form.
        return path.beginsWith("groups")
            && (claims["hasgroups"] == .bool(true) || claims["hasgroups"] == .text("true"))
    }
}
