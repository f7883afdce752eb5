/// What the scopes of a key leave of the repositories that one request names: each is compared once, and all together within an effort.
struct ScopeQuestion {
    private let scopes: KeyScopes
    private var effort = MatchEffort()
    private var known: [RepositoryName: ActionSet] = [:]

    init(_ scopes: KeyScopes) { self.scopes = scopes }

    /// What they leave of a repository.
    /// - Returns: nil if the effort was used up before that was known.
    mutating func actions(on repository: RepositoryName) -> ActionSet? {
        guard !scopes.isUnlimited else { return .all }
        if let actions = known[repository] { return actions }
        guard !effort.isSpent else { return nil }
        let actions = scopes.actions(of: .all, on: repository, &effort)
        guard !effort.isSpent else { return nil }
        known[repository] = actions
        return actions
    }
}
