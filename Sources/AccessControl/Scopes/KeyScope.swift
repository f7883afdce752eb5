public import Credentials

/// A scope of an API key, read: repositories by a ``Glob``, and what may be done with them. It only ever takes away.
///
/// `pattern` or `pattern:action,action`, such as `team/**:read,create`; without actions all of them. `*` alone means all that the
/// owner may; `*:read` is the glob `*`, which takes names without a slash.
public struct KeyScope: Sendable, Hashable {
    /// What a scope is limited to.
    public enum Extent: Sendable, Hashable {
        /// All that the owner may.
        case everything
        /// These actions on the repositories that match.
        case repositories(Glob, ActionSet)
    }

    /// What it is limited to.
    public let extent: Extent

    /// Reads a scope.
    /// - Parameter scope: the scope as its creator wrote it.
    /// - Throws: ``GlobProblem`` for one that can't be read, or that can't match anything.
    public init(_ scope: Scope) throws(GlobProblem) {
        guard scope.text != "*" else {
            extent = .everything
            return
        }
        let parts = scope.text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let glob = try Glob(String(parts[0]))
        if let vanity = glob.vanity { throw GlobProblem(vanity) }
        var actions = ActionSet.all
        if parts.count > 1 {
            var named: [Action] = []
            for name in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
                guard let action = Action(named: name) else {
                    let names = Action.allCases.map(\.rawValue).joined(separator: ", ")
                    throw GlobProblem("names no action behind its colon: they are \(names)")
                }
                named.append(action)
            }
            actions = ActionSet(named)
        }
        extent = .repositories(glob, actions)
    }

    /// Whether it leaves an action on a repository to its owner.
    func allows(_ action: Action, on repository: RepositoryName) -> Bool {
        switch extent {
        case .everything: true
        case .repositories(let glob, let actions): actions.contains(action) && glob.matches(repository)
        }
    }
}
