public import struct Foundation.UUID

/// How a principal proved who they are.
public enum AuthenticationMethod: Sendable, Hashable {
    /// With a password.
    case password
    /// With an API key: its public id and what it is limited to. No scopes means no limit.
    case apiKey(id: UUID, scopes: [Scope])
    /// With a client certificate (RFC 8446, 4.4.2).
    case certificate
    /// At an identity provider.
    case identityProvider
    /// With a browser's session: its public id.
    case session(id: UUID)

    /// With a token that somebody else has signed: what it is limited to; nil for no limit, none for nothing at all.
    case token(scopes: [Scope]?)

    /// A stable word for logs and `/auth/whoami`.
    public var name: String {
        switch self {
        case .password: "password"
        case .apiKey: "apikey"
        case .certificate: "certificate"
        case .identityProvider: "openid"
        case .session: "session"
        case .token: "token"
        }
    }
}
