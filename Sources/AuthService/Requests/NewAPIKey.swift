import APIKeys
import AccessControl
import Credentials
import Foundation

/// What somebody wants of a new key, checked.
struct NewAPIKey {
    /// What is wrong with a request, in words for its sender.
    struct Problem: Error {
        var message: String
    }

    /// When a key ends.
    enum End {
        /// Nobody has said.
        case unsaid
        case never
        case at(Date)
    }

    var label: String
    var scopes: [Scope]
    var end: End
    /// For the key of a service account: the person who answers for it.
    var responsible: UserName?

    /// Reads the body of a request. Whether its scopes are of any use is to be found out elsewhere.
    static func read(_ bytes: [UInt8], at now: Date) throws(Problem) -> NewAPIKey {
        let body = try CreateAPIKeyBody(bytes)
        var scopes: [Scope] = []
        for text in body.scopes ?? [] {
            guard let scope = Scope(text) else {
                throw Problem(
                    message: "a scope is 1 to \(ScopeLimits.maximumLength) bytes of text without control characters")
            }
            scopes.append(scope)
        }
        return NewAPIKey(
            label: body.label ?? "", scopes: scopes, end: try end(body.expirationDate, after: now),
            responsible: body.responsible.map { UserName($0) })
    }

    /// When the key ends, under a policy.
    /// - Parameter maker: the key that makes it: where nobody has said when, it ends with that at the latest.
    func expirationDate(_ policy: APIKeyPolicy, at now: Date, _ maker: APIKeyRecord? = nil) -> Date? {
        switch end {
        case .unsaid: [policy.defaultExpirationDate(from: now), maker?.end].compactMap(\.self).min()
        case .never: nil
        case .at(let date): date
        }
    }

    private static func end(_ text: String?, after now: Date) throws(Problem) -> End {
        guard let text, !text.isEmpty else { return .unsaid }
        if text == "never" { return .never }
        guard let date = RFC3339.parse(text) else {
            throw Problem(
                message: """
                    expirationDate is not a time of RFC 3339, such as 2030-12-31T00:00:00Z, up to 9999-12-31T23:59:59Z in UTC, nor never
                    """)
        }
        guard date > now else { throw Problem(message: "expirationDate lies in the past") }
        return .at(date)
    }
}
