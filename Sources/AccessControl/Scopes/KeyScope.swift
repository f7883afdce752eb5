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

    /// Whether a scope means all that the owner may.
    static func isEverything(_ scope: Scope) -> Bool { scope.text == "*" }

    /// Reads a scope, and looks whether it is of any use. That takes time in proportion to the scope: nothing for the way of a request.
    /// - Parameter scope: the scope as its creator wrote it.
    /// - Throws: ``GlobProblem`` for one that can't be read, or that can't match anything.
    public init(_ scope: Scope) throws(GlobProblem) {
        try self.init(reading: scope)
        if let vanity { throw GlobProblem(vanity) }
    }

    /// Reads a scope. One that can't match anything is a scope all the same.
    /// - Parameters:
    ///   - scope: the scope as its creator wrote it.
    ///   - maximumExpansion: how many bytes it may have with its braces written out.
    init(reading scope: Scope, maximumExpansion: Int = Glob.maximumExpansion) throws(GlobProblem) {
        guard !Self.isEverything(scope) else {
            extent = .everything
            return
        }
        let parts = scope.text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let glob = try Glob(String(parts[0]), maximumExpansion: maximumExpansion)
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

    /// Why it can't match anything; nil if it can. Takes time in proportion to the scope.
    var vanity: String? {
        switch extent {
        case .everything: nil
        case .repositories(let glob, _): glob.vanity
        }
    }

    /// How many bytes it has with its braces written out.
    var writtenOutLength: Int {
        switch extent {
        case .everything: 1
        case .repositories(let glob, _): glob.writtenOutLength
        }
    }

    /// What it leaves to its owner.
    /// - Parameters:
    ///   - wanted: what is asked for: if it has nothing of that the repository is not looked at.
    ///   - repository: with which repository.
    ///   - effort: what the steps are taken from.
    func actions(of wanted: ActionSet, on repository: RepositoryName, _ effort: inout MatchEffort) -> ActionSet {
        switch extent {
        case .everything: return wanted
        case .repositories(let glob, let actions):
            let left = actions.intersection(wanted)
            return !left.isEmpty && glob.matches(repository, &effort) ? left : []
        }
    }
}
