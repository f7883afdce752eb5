/// What is wrong with a glob, in words for whoever wrote it.
public struct GlobProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, such as "has a [ without its ]".
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
