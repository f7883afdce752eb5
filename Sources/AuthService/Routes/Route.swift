import Credentials
import HTTPTypes

/// One row of the table of routes: paths, methods, what it demands, and what answers.
final class Route: Sendable {
    /// Which listener answers a route.
    enum Place: Sendable {
        /// The one that clients talk to.
        case main
        /// The operators' own, if there is one; else the main one.
        case operations
        /// The operators' own, and no other.
        case operationsOnly
    }

    /// Answers for a principal, without waiting; where an event loop knows them, with what it keeps of them.
    typealias KnownHandler = @Sendable (AuthService, AuthRequest, Principal, LoopMemory.Known?) -> AuthResponse

    /// The same, also for nobody in particular where the demand lets anonymous in.
    typealias AnyoneHandler = @Sendable (AuthService, AuthRequest, Principal?, LoopMemory.Known?) -> AuthResponse

    /// What answers once the demand is met.
    enum Handler: Sendable {
        /// Without a credential, and without waiting.
        case immediate(@Sendable (AuthService) -> AuthResponse)
        /// Whoever it is, if the demand lets them in.
        case open(@Sendable (AuthService, AuthRequest, AuthService.BodyReader) async -> AuthResponse)
        /// For a principal, without waiting.
        case known(KnownHandler)
        /// For a principal or nobody in particular, without waiting.
        case anyone(AnyoneHandler)
        /// The token endpoint, whose credential may stand in its body.
        case token
        /// The login page's form, whose credential stands in its body.
        case login
        /// For a principal.
        case full(@Sendable (AuthService, AuthRequest, Principal, AuthService.BodyReader) async -> AuthResponse)
    }

    /// Which row of the table it is.
    let index: Int
    /// What the OpenAPI document says of it.
    let operation: Operation
    let paths: [String]
    /// The methods that it takes; nil for any.
    let methods: [HTTPRequest.Method]?
    let demand: Demand
    /// Whether its handler looks at the body. Any other request is answered when its head is there.
    let needsBody: Bool
    /// Whether it is only there with a store of API keys.
    let needsRing: Bool
    /// Whether it is only there with a key that signs tokens.
    let needsTokens: Bool
    /// Whether it is only there with sessions of browsers.
    let needsSessions: Bool
    /// Whether it is only there with providers that people log in with.
    let needsLogins: Bool
    /// Whether a password that zot's page shows here begins a session.
    let beginsSessions: Bool
    let place: Place
    /// Whether it is one of zot's, which pages of other origins may call (CORS).
    let isZots: Bool
    let handler: Handler
    /// Whether it is answered without a look at the request.
    var isImmediate: Bool { if case .immediate = handler { true } else { false } }
    /// Whether proxies ask it on behalf of other requests.
    var isForwardAuth: Bool { demand == .resource }

    init(
        _ operation: Operation, paths: [String], methods: [HTTPRequest.Method]?, demand: Demand,
        needsBody: Bool = false,
        needsRing: Bool = false, needsTokens: Bool = false, needsSessions: Bool = false, needsLogins: Bool = false,
        beginsSessions: Bool = false,
        place: Place = .main, isZots: Bool = false, handler: Handler
    ) {
        index = 0
        self.operation = operation
        self.paths = paths
        self.methods = methods
        self.demand = demand
        self.needsBody = needsBody
        self.needsRing = needsRing
        self.needsTokens = needsTokens
        self.needsSessions = needsSessions
        self.needsLogins = needsLogins
        self.beginsSessions = beginsSessions
        self.place = place
        self.isZots = isZots
        self.handler = handler
    }
    private init(_ row: Route, index: Int) {
        self.index = index
        operation = row.operation
        paths = row.paths
        methods = row.methods
        demand = row.demand
        needsBody = row.needsBody
        needsRing = row.needsRing
        needsTokens = row.needsTokens
        needsSessions = row.needsSessions
        needsLogins = row.needsLogins
        beginsSessions = row.beginsSessions
        place = row.place
        isZots = row.isZots
        handler = row.handler
    }

    /// The same as a row of the table.
    func row(_ index: Int) -> Route { Route(self, index: index) }
}
