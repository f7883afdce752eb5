public import Credentials

/// What an API key, or a token, is limited to: all its scopes together. A key may what one of them leaves to it.
public struct KeyScopes: Sendable, Hashable {
    /// The scopes as their creator wrote them.
    public let scopes: [Scope]
    /// Whether they leave to the key all that its owner may: there are none, or one is `*`.
    public let isUnlimited: Bool
    /// What is wrong with those that can't be read. They match nothing.
    public let problems: [(scope: Scope, problem: GlobProblem)]
    private let readable: [KeyScope]

    /// Reads scopes. Whatever they are, the result only takes away.
    /// - Parameter scopes: the scopes as their creator wrote them.
    public init(_ scopes: [Scope]) { self.init(scopes, noneMeansAll: true) }

    private init(_ scopes: [Scope], noneMeansAll: Bool) {
        self.scopes = scopes
        var (readable, problems): ([KeyScope], [(Scope, GlobProblem)]) = ([], [])
        for scope in scopes {
            do throws(GlobProblem) {
                readable.append(try KeyScope(scope))
            } catch {
                problems.append((scope, error))
            }
        }
        (self.readable, self.problems) = (readable, problems)
        isUnlimited = scopes.isEmpty && noneMeansAll || readable.contains { $0.extent == .everything }
    }

    /// The scopes of whoever has come in.
    /// - Parameter method: how they came. Nobody but who came by a key, or by a token that says so, is limited by scopes.
    public init(of method: AuthenticationMethod) {
        switch method {
        case .password, .certificate, .identityProvider, .session: self.init([])
        case .apiKey(_, let scopes): self.init(scopes)
        case .token(let scopes): self.init(scopes ?? [], noneMeansAll: scopes == nil)
        }
    }

    /// Whether they leave an action on a repository to the key.
    /// - Parameters:
    ///   - action: what is to be done.
    ///   - repository: with which repository.
    public func allow(_ action: Action, on repository: RepositoryName) -> Bool {
        isUnlimited || readable.contains { $0.allows(action, on: repository) }
    }

    /// Whether they leave an action on every repository to the key.
    func allowEverywhere(_ action: Action) -> Bool {
        isUnlimited
            || readable.contains {
                guard case .repositories(let glob, let actions) = $0.extent else { return true }
                return glob.matchesEverything && actions.contains(action)
            }
    }

    /// Whether these leave nothing to a key that others do not.
    /// - Parameter others: the others.
    /// - Returns: false also where that is too long a thought.
    public func areWithin(_ others: KeyScopes) -> Bool {
        if others.isUnlimited { return true }
        guard !isUnlimited else { return false }
        return readable.allSatisfy { scope in
            guard case .repositories(let glob, let actions) = scope.extent else { return false }
            return actions.actions.allSatisfy { action in
                let covers = others.readable.compactMap { other -> Glob? in
                    guard case .repositories(let glob, let actions) = other.extent, actions.contains(action) else {
                        return nil
                    }
                    return glob
                }
                return !covers.isEmpty && glob.isWithin(covers) == true
            }
        }
    }

    /// Whether both are the same scopes.
    public static func == (left: Self, right: Self) -> Bool { left.scopes == right.scopes }
    /// Feeds the scopes.
    public func hash(into hasher: inout Hasher) { hasher.combine(scopes) }
}
