import APIKeys
import AuthService
import Credentials
import Foundation

/// A key as a line of JSON, for backups and moves between stores: its digest and all that is known of it, never the key itself.
struct KeyLine: Codable {
    var version = 1
    var digest: String
    var uuid: String
    var owner: String
    var ownerSource: String
    var ownerIdentity: String
    var serviceAccount: String?
    var label: String
    var scopes: [String]
    var createdAt: String
    var expirationDate: String?
    var creatorUserAgent: String
    var family: String
    var rotatedAt: String?
    var successor: String?
    var overlapEnds: String?
    var lastUsed: String?
    var lastUsedFrom: String?
    var lastUsedBy: String?
    var revokedAt: String?
    var revokedBy: String?

    init(_ record: APIKeyRecord, _ digest: APIKeyDigest) {
        self.digest = digest.hexadecimal
        uuid = record.id.uuidString.lowercased()
        owner = record.owner.userName.text
        ownerSource = record.owner.source.rawValue
        ownerIdentity = record.owner.identity.text
        serviceAccount = record.serviceAccount?.text
        label = record.label
        scopes = record.scopes.map(\.text)
        createdAt = RFC3339.format(record.createdAt)
        expirationDate = record.expirationDate.map(RFC3339.format)
        creatorUserAgent = record.creatorUserAgent
        family = record.family.uuidString.lowercased()
        rotatedAt = record.rotation.map { RFC3339.format($0.date) }
        successor = record.rotation?.successor.uuidString.lowercased()
        overlapEnds = record.rotation.map { RFC3339.format($0.end) }
        lastUsed = record.lastUse.map { RFC3339.format($0.date) }
        (lastUsedFrom, lastUsedBy) = (record.lastUse?.client, record.lastUse?.userAgent)
        revokedAt = record.revocation.map { RFC3339.format($0.date) }
        revokedBy = record.revocation?.cause.rawValue
    }

    /// What it says.
    ///
    /// What ends a key is not there in most lines. So a line that names such a field wrongly, or without what belongs to it, would else be read as
    /// that of a key which works for ever.
    /// - Parameters:
    ///   - place: the line's.
    ///   - fields: the names of all fields that the line has.
    /// - Throws: `ConfigurationError` with what is wrong.
    func read(
        _ place: String, fields: some Sequence<String>
    ) throws(ConfigurationError) -> (APIKeyRecord, APIKeyDigest) {
        func wrong(_ field: String) -> ConfigurationError {
            ConfigurationError(
                place: place,
                message: "is refused, as its \(field) can't be read: is this a line of latchkey apikey export?")
        }
        func date(_ field: String, _ text: String?) throws(ConfigurationError) -> Date? {
            guard let text else { return nil }
            guard let date = RFC3339.parse(text) else { throw wrong(field) }
            return date
        }
        guard version == 1 else {
            throw ConfigurationError(place: place, message: "is of version \(version): use a newer latchkey")
        }
        if let unknown = fields.filter({ CodingKeys(stringValue: $0) == nil }).min() {
            throw ConfigurationError(
                place: place, message: "is refused, as version 1 knows no field \(unknown.prefix(40)): is it misspelt?")
        }
        func together(_ partners: [(name: String, value: String?)]) throws(ConfigurationError) {
            guard let there = partners.first(where: { $0.value != nil }),
                let missing = partners.first(where: { $0.value == nil })
            else { return }
            throw ConfigurationError(
                place: place, message: "is refused, as it has \(there.name) without \(missing.name)")
        }
        try together([("revokedAt", revokedAt), ("revokedBy", revokedBy)])
        try together([("rotatedAt", rotatedAt), ("successor", successor), ("overlapEnds", overlapEnds)])
        // From where a key was used is not always known, when always.
        if lastUsed == nil {
            try together([("lastUsed", nil), ("lastUsedFrom", lastUsedFrom)])
            try together([("lastUsed", nil), ("lastUsedBy", lastUsedBy)])
        }
        guard let digest = APIKeyDigest(hexadecimal: digest) else { throw wrong("digest") }
        guard let id = UUID(uuidString: uuid) else { throw wrong("uuid") }
        guard let family = UUID(uuidString: family) else { throw wrong("family") }
        guard let created = try date("createdAt", createdAt) else { throw wrong("createdAt") }
        var record = APIKeyRecord(
            id: id,
            owner: CredentialOwner(
                userName: UserName(owner), source: SourceName(rawValue: ownerSource), identity: Identity(ownerIdentity)),
            serviceAccount: serviceAccount.map { UserName($0) }, label: label, scopes: scopes.map { Scope(stored: $0) },
            createdAt: created,
            expirationDate: try date("expirationDate", expirationDate), creatorUserAgent: creatorUserAgent,
            family: family)
        if let rotated = try date("rotatedAt", rotatedAt) {
            guard let successor = successor.flatMap({ UUID(uuidString: $0) }) else { throw wrong("successor") }
            guard let end = try date("overlapEnds", overlapEnds) else { throw wrong("overlapEnds") }
            record.rotation = KeyRotation(date: rotated, successor: successor, end: end)
        }
        if let used = try date("lastUsed", lastUsed) {
            record.lastUse = KeyUse(date: used, client: lastUsedFrom, userAgent: lastUsedBy)
        }
        if let revoked = try date("revokedAt", revokedAt) {
            guard let cause = revokedBy.flatMap({ KeyRevocation.Cause(rawValue: $0) }) else { throw wrong("revokedBy") }
            record.revocation = KeyRevocation(date: revoked, cause: cause)
        }
        return (record, digest)
    }
}
