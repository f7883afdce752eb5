public import struct Foundation.Date

/// What a source has last said of the owner of API keys: kept so that it outlives a restart (rule 10).
public struct OwnerRecord: Sendable, Hashable {
    /// The owner that was asked for.
    public let owner: CredentialOwner
    /// The owner with the groups of then; nil if the source said that there is no such person any more.
    public let principal: Principal?
    /// When it said so.
    public let date: Date

    /// Notes what a source has said.
    /// - Parameters:
    ///   - owner: the owner that was asked for.
    ///   - principal: the owner with their groups; nil if there is no such person any more.
    ///   - date: when the source said so.
    public init(_ owner: CredentialOwner, principal: Principal?, date: Date) {
        self.owner = owner
        self.principal = principal
        self.date = date
    }
}
