import AccessControl

/// What tells clients where to get a token (RFC 6750, 3; Distribution, "Token Authentication Specification").
public struct BearerChallenge: Sendable, Hashable {
    /// Where tokens are had: an address.
    public let realm: String
    /// What the registry calls itself.
    public let service: String

    /// Describes it.
    /// - Parameters:
    ///   - realm: where tokens are had: an address.
    ///   - service: what the registry calls itself.
    public init(realm: String, service: String) { (self.realm, self.service) = (realm, service) }

    /// The value of `WWW-Authenticate`.
    /// - Parameter rights: what a token would have to be good for; nil where nobody knows.
    func text(for rights: [RepositoryRight]?) -> String {
        var text = "Bearer realm=\(Self.quoted(realm)),service=\(Self.quoted(service))"
        guard let rights, !rights.isEmpty else { return text }
        var (names, actions): ([RepositoryName], [RepositoryName: [String]]) = ([], [:])
        for right in rights {
            let action =
                switch right.action {
                case .read, .detectManifestCollision: "pull"
                case .create, .update: "push"
                case .delete: "delete"
                }
            if actions[right.repository] == nil { names.append(right.repository) }
            if !(actions[right.repository]?.contains(action) ?? false) {
                actions[right.repository, default: []].append(action)
            }
        }
        let scopes = names.map { "repository:\($0):\(actions[$0, default: []].joined(separator: ","))" }
        text += ",scope=\(Self.quoted(scopes.joined(separator: " ")))"
        return text
    }

    /// A quoted-string (RFC 9110, 5.6.4).
    static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
