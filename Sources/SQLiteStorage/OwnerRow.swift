import APIKeys
import Credentials
import Foundation
import GRDB

/// What a source has last said of an owner, as a row of the database.
struct OwnerRow: Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "owner"

    enum Columns {
        static let source = Column("source")
        static let identity = Column("identity")
    }

    /// A group in the JSON of a row.
    struct GroupValue: Codable {
        var name: String
        var dn: String?
        /// The provider that has stated it.
        var by: String?

        init(_ group: Group) {
            (name, dn, by) = (group.name.text, group.distinguishedName, group.authority?.text)
        }

        var group: Group {
            by.map { Group(name: GroupName(name), of: GroupName($0)) }
                ?? Group(name: GroupName(name), distinguishedName: dn)
        }
    }

    var source: String
    var identity: String
    /// What they are called now; what they were called when they went.
    var userName: String
    /// False if the source said that there is no such person any more.
    var isPresent: Bool
    /// GRDB keeps an array as JSON.
    var groups: [GroupValue]
    var displayName: String?
    var email: String?
    /// Microseconds since 1970.
    var vouchedAt: Int64

    init(_ record: OwnerRecord) {
        source = record.owner.source.rawValue
        // Where the source has told a better one since, that.
        identity = (record.principal?.identity ?? record.owner.identity).text
        userName = (record.principal?.userName ?? record.owner.userName).text
        isPresent = record.principal != nil
        groups = (record.principal?.groups ?? []).map { GroupValue($0) }
        displayName = record.principal?.displayName
        email = record.principal?.email
        vouchedAt = record.date.microseconds
    }

    var record: OwnerRecord {
        let (source, userName, identity) = (SourceName(rawValue: source), UserName(userName), Identity(identity))
        let principal = Principal(
            userName: userName, groups: groups.map(\.group), source: source,
            displayName: displayName, email: email, identity: identity)
        return OwnerRecord(
            CredentialOwner(userName: userName, source: source, identity: identity),
            principal: isPresent ? principal : nil,
            date: Date(microseconds: vouchedAt))
    }
}
