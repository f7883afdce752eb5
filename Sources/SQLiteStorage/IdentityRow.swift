import Credentials
import Foundation
import GRDB
import Sessions

/// Somebody who has logged in by a provider, as a row of the database.
struct IdentityRow: Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "identity"

    enum Columns {
        static let source = Column("source")
        static let identity = Column("identity")
        static let userName = Column("userName")
        static let lastLogin = Column("lastLogin")
    }

    var source: String
    var identity: String
    var userName: String
    /// GRDB keeps it as JSON.
    var groups: StatedGroups
    var displayName: String?
    var email: String?
    /// Microseconds since 1970.
    var lastLogin: Int64

    init(_ record: IdentityRecord) {
        source = record.source.rawValue
        identity = record.identity.text
        userName = record.userName.text
        groups = record.groups
        displayName = record.displayName
        email = record.email
        lastLogin = record.lastLogin.microseconds
    }

    /// The rows of a name in whatever case its letters are.
    static func rows(alike name: UserName, _ database: Database) throws -> QueryInterfaceRequest<Self> {
        let literal: SQL = "lower(userName) = lower(\(name.text))"
        let others = try Spellings.find(name, in: "userName", of: databaseTableName, database)
        return filter(literal.sqlExpression || others.contains(Columns.userName))
    }

    var record: IdentityRecord {
        IdentityRecord(
            source: SourceName(rawValue: source), identity: Identity(identity), userName: UserName(userName),
            groups: groups,
            displayName: displayName, email: email, lastLogin: Date(microseconds: lastLogin))
    }
}
