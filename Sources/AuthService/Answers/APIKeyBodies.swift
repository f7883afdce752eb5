import APIKeys
import AccessControl
import Credentials
import Foundation

/// A key as the API shows it: field names and formats are zot's.
struct APIKeyBody: Encodable {
    var createdAt: String
    var expirationDate: String
    var isExpired: Bool
    var creatorUa: String
    var generatedBy = "manual"
    var lastUsed: String
    var label: String
    var scopes: [String]
    /// What is wrong with scopes that can't be read, by scope: they match nothing. Left out where all can.
    var scopeProblems: [String: String]?
    var uuid: String
    /// The key itself: in the answer to its creation, and never again.
    var apiKey: String?

    init(_ record: APIKeyRecord, at now: Date, key: APIKey? = nil) {
        createdAt = RFC3339.format(record.createdAt)
        expirationDate = record.expirationDate.map(RFC3339.format) ?? RFC3339.never
        isExpired = record.isExpired(at: now)
        creatorUa = record.creatorUserAgent
        lastUsed = record.lastUsed.map(RFC3339.format) ?? RFC3339.never
        label = record.label
        scopes = record.scopes.map(\.text)
        let problems = KeyScopes(record.scopes).problems.map { ($0.scope.text, "\($0.problem)") }
        scopeProblems = problems.isEmpty ? nil : Dictionary(problems) { first, _ in first }
        uuid = record.id.uuidString.lowercased()
        apiKey = key?.text
    }
}

/// The body of the answer that lists keys.
struct APIKeyListBody: Encodable {
    var apiKeys: [APIKeyBody]
}
