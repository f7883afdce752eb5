import Credentials
import Foundation
import GRDB
import Sessions

/// The session at a provider by which a session began, as a row of the database. It goes with the session.
struct ProviderSessionRow: Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "providerSession"

    enum Columns {
        static let session = Column("session")
        static let source = Column("source")
        static let identity = Column("identity")
        static let providerID = Column("providerID")
    }

    /// The session's public id.
    var session: String
    var source: String
    var identity: String
    var providerID: String?
    var idToken: String?

    init(_ provider: ProviderSession, of session: SessionRow) {
        self.session = session.id
        source = provider.source.rawValue
        identity = provider.identity.text
        providerID = provider.id
        idToken = provider.idToken.map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    var provider: ProviderSession {
        ProviderSession(
            source: SourceName(rawValue: source), identity: Identity(identity), id: providerID,
            idToken: idToken.map { Secret($0) }
        )
    }

    /// The rows of sessions at a provider.
    static func rows(_ source: SourceName, identity: Identity?, session: String?) -> QueryInterfaceRequest<Self> {
        guard identity != nil || session != nil else { return none() }
        var rows = filter(Columns.source == source.rawValue)
        if let identity { rows = rows.filter(Columns.identity == identity.text) }
        if let session { rows = rows.filter(Columns.providerID == session) }
        return rows
    }
}
