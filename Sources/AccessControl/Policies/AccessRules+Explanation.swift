import Credentials

extension AccessRules {
    /// Explains a decision rule by rule, for an operator.
    /// - Parameters:
    ///   - subject: who wants it.
    ///   - right: what they want.
    /// - Returns: a line for each rule that was looked at, in order; the last one is the decision.
    public func explain(_ subject: AccessSubject, _ right: RepositoryRight) -> [String] {
        let decision = decide(subject, right)
        return explainScopes(subject, right) + (isOpen ? [] : explainPolicies(subject, right)) + ["\(decision)"]
    }

    private func explainScopes(_ subject: AccessSubject, _ right: RepositoryRight) -> [String] {
        guard !subject.scopes.scopes.isEmpty else { return ["scopes: none, all that the owner may is left"] }
        return subject.scopes.scopes.map { scope in
            do throws(GlobProblem) {
                var effort = MatchEffort()
                let left = try KeyScope(scope).actions(of: ActionSet([right.action]), on: right.repository, &effort)
                let isLeft = left.contains(right.action)
                return "scope '\(scope)': \(isLeft ? "leaves" : "does not leave") \(right)"
            } catch {
                return "scope '\(scope)': matches nothing, as it \(error)"
            }
        }
    }

    private func explainPolicies(_ subject: AccessSubject, _ right: RepositoryRight) -> [String] {
        var lines: [String] = []
        if let name = subject.userName {
            let made = groupsMade(for: name).map(\.text).joined(separator: ", ")
            lines.append("user: \(name)" + (made.isEmpty ? "" : ", in the groups of accessControl: \(made)"))
        } else {
            lines.append("user: nobody in particular")
        }
        let tables = patterns(taking: right.repository)
        for (index, table) in tables.enumerated() {
            lines.append(
                "pattern `\(table.glob)`: takes it" + (index == 0 ? " and counts" : ", but a longer one counts"))
        }
        if let table = tables.first {
            for (index, policy) in table.policies.enumerated() {
                lines.append("  policies[\(index)]: \(words(for: policy, subject, right.action))")
            }
            lines.append("  defaultPolicy: \(words(for: table.defaultPolicy, subject.userName != nil, right.action))")
            lines.append(
                "  anonymousPolicy: \(words(for: table.anonymousPolicy, subject.userName == nil, right.action))")
        } else {
            lines.append("pattern: none takes it")
        }
        lines.append("adminPolicy: \(words(for: adminActions, isAdministrator(subject), right.action))")
        return lines
    }

    private func words(for policy: PolicyTable.Policy, _ subject: AccessSubject, _ action: Action) -> String {
        let group = policy.groups.first { subject.groups.contains($0) }.map { numbers.names[$0] }
        let name = subject.userName.flatMap { policy.users.contains($0) ? $0 : nil }
        guard let means = name?.text ?? group.map({ "the group \($0)" }) else {
            return "names neither the user nor a group of theirs"
        }
        return "names \(means), "
            + (policy.actions.contains(action) ? "grants it" : "does not grant `\(action.rawValue)`")
    }

    private func words(for actions: ActionSet, _ applies: Bool, _ action: Action) -> String {
        guard applies else { return "does not apply" }
        return actions.contains(action) ? "grants it" : "does not grant `\(action.rawValue)`"
    }
}
