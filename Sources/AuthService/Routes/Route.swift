import HTTPTypes

/// The paths that the service answers.
enum Route: Sendable {
    case apiKeys
    case registryPing
    case verify
    case whoAmI
    case health
    case readiness
    case metrics

    /// Finds the route of a path.
    init?(path: some StringProtocol) {
        switch path {
        case "/zot/auth/apikey", "/v2/_zot/ext/apikey", "/api/security/apiKey": self = .apiKeys
        case "/v2/", "/v2": self = .registryPing
        case "/auth/verify": self = .verify
        case "/auth/whoami": self = .whoAmI
        case "/healthz": self = .health
        case "/readyz": self = .readiness
        case "/metrics": self = .metrics
        default: return nil
        }
    }

    /// The methods that it takes; nil for any.
    var methods: [HTTPRequest.Method]? {
        switch self {
        case .apiKeys: [.get, .post, .delete, .options]
        case .verify: nil
        case .registryPing, .whoAmI, .health, .readiness, .metrics: [.get, .head, .options]
        }
    }

    /// The value of `Allow`.
    var allow: String { methods?.map(\.rawValue).joined(separator: ", ") ?? "" }
}
