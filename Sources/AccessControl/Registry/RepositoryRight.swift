/// One thing that a request wants: an action on a repository.
public struct RepositoryRight: Sendable, Hashable, CustomStringConvertible {
    /// What is to be done.
    public let action: Action
    /// With which repository.
    public let repository: RepositoryName

    /// Names an action on a repository.
    /// - Parameters:
    ///   - action: what is to be done.
    ///   - repository: with which repository.
    public init(_ action: Action, _ repository: RepositoryName) {
        self.action = action
        self.repository = repository
    }

    /// Such as `create on team/app`.
    public var description: String { "\(action.rawValue) on \(repository)" }
}
