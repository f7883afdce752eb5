/// A failure that has slowed somebody down at one node, for the others: only that it was counted travels, never what was tried.
public struct CountedFailure: Sendable, Hashable {
    /// The user's name, in the spelling that all spellings of it are counted by.
    public let userName: UserName
    /// The network that it came from; nil for this machine's own.
    public let network: IPNetwork?

    /// Describes a failure.
    /// - Parameters:
    ///   - userName: the user's name.
    ///   - network: the network that it came from.
    public init(userName: UserName, network: IPNetwork?) {
        self.userName = UserName(StringPreparation.caseIgnore(userName))
        self.network = network
    }
}
