public import Credentials
public import struct Foundation.Date

/// What a source has last said of the owner of API keys: kept so that it outlives a restart (rule 10).
public struct OwnerRecord: Sendable, Hashable {
    /// The owner's canonical name.
    public let userName: String
    /// The source that the owner came from.
    public let source: SourceName
    /// The owner with the groups of then; nil if the source said that there is no such person any more.
    public let principal: Principal?
    /// When it said so.
    public let date: Date

    /// Notes what a source has said.
    /// - Parameters:
    ///   - userName: the owner's canonical name.
    ///   - source: the source that the owner came from.
    ///   - principal: the owner with their groups; nil if there is no such person any more.
    ///   - date: when the source said so.
    public init(userName: String, source: SourceName, principal: Principal?, date: Date) {
        self.userName = userName
        self.source = source
        self.principal = principal
        self.date = date
    }
}
