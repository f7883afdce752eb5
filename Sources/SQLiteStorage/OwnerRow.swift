import APIKeys
import Credentials
import Foundation
import GRDB

/// What a source has last said of an owner, as a row of the database.
struct OwnerRow: Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "owner"

    enum Columns {
        static let userName = Column("userName")
        static let source = Column("source")
    }

    /// A group in the JSON of a row.
    struct GroupValue: Codable {
        var name: String
        var dn: String?
    }

    var userName: String
    var source: String
    /// False if the source said that there is no such person any more.
    var isPresent: Bool
    /// GRDB keeps an array as JSON.
    var groups: [GroupValue]
    var displayName: String?
    var email: String?
    /// Microseconds since 1970.
    var vouchedAt: Int64

    init(_ record: OwnerRecord) {
        userName = record.userName
        source = record.source.rawValue
        isPresent = record.principal != nil
        groups = (record.principal?.groups ?? []).map { GroupValue(name: $0.name, dn: $0.distinguishedName) }
        displayName = record.principal?.displayName
        email = record.principal?.email
        vouchedAt = record.date.microseconds
    }

    var record: OwnerRecord {
        let source = SourceName(rawValue: source)
        let principal = Principal(
            userName: userName, groups: groups.map { Group(name: $0.name, distinguishedName: $0.dn) }, source: source,
            displayName: displayName, email: email)
        return OwnerRecord(
            userName: userName, source: source, principal: isPresent ? principal : nil,
            date: Date(microseconds: vouchedAt))
    }
}
