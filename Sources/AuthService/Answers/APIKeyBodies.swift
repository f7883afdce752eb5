import APIKeys
import Credentials
import Foundation

/// A key as the API shows it: field names and formats are zot's, and after them those that zot has not.
struct APIKeyBody: Encodable {
    var createdAt: String
    var expirationDate: String
    var isExpired: Bool
    var creatorUa: String
    var generatedBy = "manual"
    var lastUsed: String
    var label: String
    var scopes: [String]
    var uuid: String
    /// The key itself: in the answer to its creation, and never again.
    var apiKey: String?

    /// Whether it works: active, expired, revoked or blocked. Left out for a new one, whose answer is zot's to the letter.
    var state: String?
    /// The rule of the policy that blocks it.
    var blockedBy: String?
    /// What is wrong with scopes that can't be read, by scope: they match nothing. Left out where all can.
    var scopeProblems: [String: String]?
    /// From which address, and by which program, it was last used.
    var lastUsedFrom: String?
    var lastUsedBy: String?
    /// Its end before its time, and who ended it: owner, administrator, holder or reuse.
    var revokedAt: String?
    var revokedBy: String?
    /// When it was rotated, until when it works beside its successor, and that one's id.
    var rotatedAt: String?
    var overlapEnds: String?
    var successor: String?
    /// For the key of a service account: its name, and the person who answers for it.
    var serviceAccount: UserName?
    var responsible: UserName?

    init(_ judged: JudgedKey, at now: Date, key: APIKey? = nil) {
        let record = judged.record
        createdAt = RFC3339.format(record.createdAt)
        expirationDate = record.expirationDate.map(RFC3339.format) ?? RFC3339.never
        isExpired = record.isExpired(at: now)
        creatorUa = record.creatorUserAgent
        lastUsed = record.lastUse.map { RFC3339.format($0.date) } ?? RFC3339.never
        label = record.label
        scopes = record.scopes.map(\.text)
        uuid = record.id.uuidString.lowercased()
        apiKey = key?.text
        (state, blockedBy) = (key == nil ? judged.state.rawValue : nil, judged.rule?.rawValue)
        let problems = judged.scopeProblems.map { ($0.scope.text, $0.problem) }
        scopeProblems = problems.isEmpty ? nil : Dictionary(problems) { first, _ in first }
        (lastUsedFrom, lastUsedBy) = (record.lastUse?.client, record.lastUse?.userAgent)
        revokedAt = record.revocation.map { RFC3339.format($0.date) }
        revokedBy = record.revocation?.cause.rawValue
        rotatedAt = record.rotation.map { RFC3339.format($0.date) }
        overlapEnds = record.rotation.map { RFC3339.format($0.end) }
        successor = record.rotation?.successor.uuidString.lowercased()
        serviceAccount = record.serviceAccount
        responsible = record.serviceAccount == nil ? nil : record.owner.userName
    }
}

/// The body of the answer that lists keys.
struct APIKeyListBody: Encodable {
    var apiKeys: [APIKeyBody]
    /// True if a source could not be asked who that is, whose they are: there may be more.
    var incomplete: Bool?
}

/// The body of the answer that says which keys were restored.
struct RestoredKeysBody: Encodable {
    var restored: [String]
}

/// The body of the answer that says how many keys were revoked.
struct RevokedKeysBody: Encodable {
    var revoked: [String]
}
