public import AccessControl

/// What a token lets its bearer do with one resource: an entry of the claim `access`.
public struct TokenAccess: Sendable, Hashable, Codable {
    /// Such as `repository`.
    public let type: String
    /// The class of a repository, such as `plugin`; nil for the usual one.
    public let `class`: String?
    /// The name of the resource.
    public let name: String
    /// What may be done: never more than was asked for.
    public let actions: [String]

    /// What of the scopes that a client asks for is granted: the intersection of what was asked, the policy and the key's own scopes.
    /// - Parameters:
    ///   - scopes: what was asked for.
    ///   - subject: who asks.
    ///   - rules: who may do what.
    /// - Returns: an entry for each scope of which anything is granted.
    public static func granted(_ scopes: [TokenScope], to subject: AccessSubject, by rules: AccessRules)
        -> [TokenAccess]
    {
        let allowed = allowed(scopes, subject, rules)
        return scopes.compactMap { scope in
            let actions = actions(of: scope, subject, rules, allowed)
            guard !actions.isEmpty else { return nil }
            return TokenAccess(type: scope.type, class: scope.classification, name: scope.name, actions: actions)
        }
    }

    /// What is granted of all that the scopes name, each right asked for once.
    private static func allowed(
        _ scopes: [TokenScope], _ subject: AccessSubject, _ rules: AccessRules
    ) -> Set<RepositoryRight> {
        var rights: [RepositoryRight] = []
        var seen: Set<RepositoryName> = []
        for scope in scopes {
            guard case .repository(let name) = scope.resource, seen.insert(name).inserted else { continue }
            rights += [.read, .create, .update, .delete].map { RepositoryRight($0, name) }
        }
        return Set(zip(rights, rules.decide(subject, rights)).filter { $1.isAllowed }.map(\.0))
    }

    private static func actions(
        of scope: TokenScope, _ subject: AccessSubject, _ rules: AccessRules, _ allowed: Set<RepositoryRight>
    ) -> [String] {
        switch scope.resource {
        case .other: return []
        case .catalog:
            guard scope.actions.contains("*"), rules.decide(subject, .catalog).isAllowed else { return [] }
            return ["*"]
        case .repository(let name):
            func may(_ actions: [Action]) -> Bool {
                actions.allSatisfy { allowed.contains(RepositoryRight($0, name)) }
            }
            var (granted, all): ([String], [String]) = ([], ["pull", "push", "delete"].filter { may(rights(of: $0)) })
            if all.count == 3 { all.append("*") }
            for action in scope.actions {
                // What asks for everything gets what there is.
                for one in action == "*" ? all : all.filter({ $0 == action && $0 != "*" }) where !granted.contains(one)
                {
                    granted.append(one)
                }
            }
            return granted
        }
    }

    /// What an action of a registry's token needs. A token does not say whether a push moves a tag: it must be good for both (CVE-2026-31801 was the
    /// mistake to think otherwise).
    private static func rights(of action: String) -> [Action] {
        switch action {
        case "pull": [.read]
        case "push": [.create, .update]
        default: [.delete]
        }
    }
}
