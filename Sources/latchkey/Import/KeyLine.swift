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
    /// - Throws: `ConfigurationError` with what is wrong; `place` is the line's.
    func read(_ place: String) throws(ConfigurationError) -> (APIKeyRecord, APIKeyDigest) {
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
            record.rotation = KeyRotation(
                date: rotated, successor: successor, end: try date("overlapEnds", overlapEnds) ?? rotated)
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
