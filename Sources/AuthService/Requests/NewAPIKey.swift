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

    /// Reads the body of a request.
    static func read(_ bytes: [UInt8], at now: Date) throws(Problem) -> NewAPIKey {
        let body = try CreateAPIKeyBody(bytes)
        var scopes: [Scope] = []
        for text in body.scopes ?? [] {
            guard let scope = Scope(text) else {
                throw Problem(
                    message: "a scope is 1 to \(Scope.maximumLength) bytes of text without control characters")
            }
            do throws(GlobProblem) {
                _ = try KeyScope(scope)
            } catch {
                throw Problem(message: "the scope '\(text)' \(error)")
            }
            scopes.append(scope)
        }
        return NewAPIKey(
            label: body.label ?? "", scopes: scopes, end: try end(body.expirationDate, after: now),
            responsible: body.responsible.map { UserName($0) })
    }

    /// When the key ends, under a policy.
    func expirationDate(_ policy: APIKeyPolicy, at now: Date) -> Date? {
        switch end {
        case .unsaid: policy.defaultExpirationDate(from: now)
        case .never: nil
        case .at(let date): date
        }
    }

    private static func end(_ text: String?, after now: Date) throws(Problem) -> End {
        guard let text, !text.isEmpty else { return .unsaid }
        if text == "never" { return .never }
        guard let date = RFC3339.parse(text) else {
            throw Problem(message: "expirationDate is not a time of RFC 3339, such as 2030-12-31T00:00:00Z, nor never")
        }
        guard date > now else { throw Problem(message: "expirationDate lies in the past") }
        return .at(date)
    }
}
