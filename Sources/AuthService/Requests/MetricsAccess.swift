public import Credentials

/// Who may read `/metrics`: zot's `accessControl.metrics`.
public struct MetricsAccess: Sendable, Hashable {
    /// The canonical names of those who may.
    public var users: Set<UserName>
    /// Whether anybody may, without a credential.
    public var isOpen: Bool

    /// Says who may.
    /// - Parameters:
    ///   - users: the canonical names of those who may.
    ///   - isOpen: whether anybody may, without a credential.
    public init(users: Set<UserName> = [], isOpen: Bool = false) {
        self.users = users
        self.isOpen = isOpen
    }
}
