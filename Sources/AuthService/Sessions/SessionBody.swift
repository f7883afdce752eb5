import Credentials
import Foundation
import Sessions

/// A session as JSON.
struct SessionBody: Encodable {
    var uuid: String
    var createdAt: String
    var lastUsed: String
    var ends: String
    var client: String?
    var userAgent: String
    /// Whether it is the one that the request came by.
    var isCurrent: Bool

    init(_ session: SessionRecord, _ principal: Principal) {
        uuid = session.id.uuidString.lowercased()
        createdAt = RFC3339.format(session.createdAt)
        lastUsed = RFC3339.format(session.lastUsed)
        ends = RFC3339.format(session.end)
        client = session.client
        userAgent = session.userAgent
        isCurrent = principal.method == .session(id: session.id)
    }
}

/// Sessions as JSON.
struct SessionListBody: Encodable {
    var sessions: [SessionBody]
    /// True if a source could not be asked who that is, whose they are: there may be more.
    var incomplete: Bool?
}

/// The ids of sessions that ended.
struct EndedSessionsBody: Encodable {
    var ended: [String]
}

/// The answer to a logout: empty, or where the provider's own session is ended.
struct LogoutBody: Encodable {
    var endSessionUrl: String?
}
