public import Credentials
public import struct Foundation.UUID

/// Something that somebody should look at.
public enum AuditAlert: Sendable, Hashable {
    /// A key was rotated although that had been done before, or it was revoked: somebody has it who should not. Its whole family is
    /// revoked.
    case keyReuse(family: UUID, revoked: Int)
    /// A key is used from many networks within an hour.
    case keyFromManyNetworks(UUID, Int)
    /// An administrator acts on somebody else's keys.
    case administrator(action: String, owner: UserName)

    /// All the words of ``kind``.
    static let kinds = ["key-reuse", "key-from-many-networks", "administrator"]

    /// A stable word for the log and the metric.
    public var kind: String {
        switch self {
        case .keyReuse: "key-reuse"
        case .keyFromManyNetworks: "key-from-many-networks"
        case .administrator: "administrator"
        }
    }
}
