/// What a route asks of a request before its handler runs. No handler checks rights by itself.
enum Demand: Sendable, Hashable {
    /// Nothing: anybody may ask.
    case nothing
    /// Nothing, but no credential that is wrong.
    case anybody
    /// Somebody with a browser's session: whoever has none is led to the login page. What a form of the page sends has a token of its own.
    case page
    /// The same, of an administrator; for anybody else there is nothing.
    case administration
    /// Somebody who has shown who they are.
    case principal
    /// The same, or nobody in particular where the operator lets anonymous in.
    case login
    /// Rights on what the request names; somebody who is not limited to some repositories where it names nothing.
    case resource
    /// Somebody who looks at their own keys, or an administrator. A key that is limited by scopes looks at itself.
    case keyListing
    /// Somebody who may make and end API keys, their own or, as an administrator, others': who came by a key that is limited by
    /// scopes may not, or it could make itself one without.
    case keyManagement
    /// The same, or a key that renews itself.
    case keyRotation
    /// Somebody who looks at sessions, or ends them: their own or, as an administrator, others'. Not by a key that is limited by scopes.
    case sessions
    /// Whoever wants a registry's token: nobody in particular where the operator lets anonymous in.
    case token
    /// Somebody who may read the metrics, if the operator says who may. Not by a key that is limited by scopes.
    case metrics

    /// Whether it is of a page, whose forms have tokens of their own.
    var isForPages: Bool { self == .page || self == .administration }

    /// Whether a password meets it where passwords are for managing keys alone.
    var isForKeyManagement: Bool {
        switch self {
        case .nothing, .anybody, .page, .administration, .principal, .sessions, .keyListing, .keyManagement,
            .keyRotation:
            true
        case .login, .token, .resource, .metrics: false
        }
    }
}
