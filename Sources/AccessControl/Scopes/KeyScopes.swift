public import Credentials

/// What an API key, or a token, is limited to: all its scopes together. A key may what one of them leaves to it.
///
/// Making one costs nothing: the scopes are read when a decision needs them.
public struct KeyScopes: Sendable, Hashable {
    /// The scopes as their creator wrote them.
    public let scopes: [Scope]
    /// Whether they leave to the key all that its owner may: there are none, or one is `*`.
    public let isUnlimited: Bool
    private let read: ReadScopes

    /// Takes scopes. Whatever they are, the result only takes away.
    /// - Parameter scopes: the scopes as their creator wrote them.
    public init(_ scopes: [Scope]) { self.init(scopes, noneMeansAll: true) }

    private init(_ scopes: [Scope], noneMeansAll: Bool, _ memory: ScopeMemory? = nil) {
        self.scopes = scopes
        isUnlimited = scopes.isEmpty && noneMeansAll || scopes.contains(where: KeyScope.isEverything)
        // What is not limited is never compared.
        read = isUnlimited || scopes.isEmpty ? Self.none : memory?.scopes(scopes) ?? ReadScopes(scopes)
    }

    private static let none = ReadScopes([])

    /// The scopes of whoever has come in.
    /// - Parameter method: how they came. Nobody but who came by a key, or by a token that says so, is limited by scopes.
    public init(of method: AuthenticationMethod) { self.init(of: method, nil) }

    /// The scopes of whoever has come in.
    /// - Parameter memory: where those that were read lately are found.
    init(of method: AuthenticationMethod, _ memory: ScopeMemory?) {
        switch method {
        case .password, .certificate, .identityProvider, .session: self.init([])
        case .apiKey(_, let scopes): self.init(scopes, noneMeansAll: true, memory)
        case .token(let scopes): self.init(scopes ?? [], noneMeansAll: scopes == nil, memory)
        }
    }

    /// What is wrong with those that can't be read, or can't match anything. They match nothing.
    ///
    /// Finding it out takes time in proportion to the scopes: it is for their owner, and nothing for the way of a request.
    public var problems: [(scope: Scope, problem: GlobProblem)] {
        zip(scopes, ReadScopes.read(scopes)).compactMap { scope, read in
            switch read {
            case .failure(let problem): return (scope, problem)
            case .success(let read): return read.vanity.map { (scope, GlobProblem($0)) }
            }
        }
    }

    /// Whether they leave an action on a repository to the key.
    /// - Parameters:
    ///   - action: what is to be done.
    ///   - repository: with which repository.
    public func allow(_ action: Action, on repository: RepositoryName) -> Bool {
        var effort = MatchEffort()
        return actions(of: ActionSet([action]), on: repository, &effort).contains(action)
    }

    /// What they leave to the key of some actions on a repository.
    /// - Parameter effort: what the steps are taken from; what is not found out within it is not left.
    func actions(of wanted: ActionSet, on repository: RepositoryName, _ effort: inout MatchEffort) -> ActionSet {
        guard !isUnlimited else { return wanted }
        var left = ActionSet()
        for scope in read.readable where left != wanted {
            left.formUnion(scope.actions(of: wanted.subtracting(left), on: repository, &effort))
        }
        return left
    }

    /// Whether they leave an action on every repository to the key.
    func allowEverywhere(_ action: Action) -> Bool {
        isUnlimited
            || read.readable.contains {
                guard case .repositories(let glob, let actions) = $0.extent else { return true }
                return glob.matchesEverything && actions.contains(action)
            }
    }

    /// Whether these leave nothing to a key that others do not.
    ///
    /// Patterns with stars are searched: it takes up to some milliseconds, and is nothing for the way of a request.
    /// - Parameter others: the others.
    /// - Returns: false also where that is too long a thought.
    public func areWithin(_ others: KeyScopes) -> Bool {
        if others.isUnlimited { return true }
        guard !isUnlimited else { return false }
        var effort = MatchEffort(Glob.usualThought)
        return read.readable.allSatisfy { scope in
            guard case .repositories(let glob, let actions) = scope.extent else { return false }
            // For most scopes all actions have the same covers, and one search answers for all.
            var answers: [[Glob]: Bool] = [:]
            return actions.actions.allSatisfy { action in
                let covers = others.read.readable.compactMap { other -> Glob? in
                    guard case .repositories(let glob, let actions) = other.extent, actions.contains(action) else {
                        return nil
                    }
                    return glob
                }
                if let answer = answers[covers] { return answer }
                let answer = !covers.isEmpty && glob.isWithin(covers, &effort) == true
                answers[covers] = answer
                return answer
            }
        }
    }

    /// Whether both are the same scopes.
    public static func == (left: Self, right: Self) -> Bool { left.scopes == right.scopes }
    /// Feeds the scopes.
    public func hash(into hasher: inout Hasher) { hasher.combine(scopes) }
}
