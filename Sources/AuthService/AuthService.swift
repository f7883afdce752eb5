public import APIKeys
import AccessControl
public import Credentials
import Foundation
public import HTTPTypes
import RegistryTokens
import Sessions

/// Answers requests: every row of the table of routes, and nothing else (docs/design.md, "HTTP").
///
/// Each answer is a function of an ``AuthRequest``, so that any web framework, or a bare channel handler, can serve it:
/// try `answerIfKnown(_:)`, which never waits, then `answer(_:body:)`. Safe to share.
public struct AuthService: Sendable {
    /// Reads a request's body.
    /// - Parameter limit: how many bytes it may have.
    /// - Returns: the body; nil if it is longer.
    public typealias BodyReader = @Sendable (_ limit: Int) async throws -> [UInt8]?

    let resolver: CredentialResolver
    let ring: APIKeyRing?
    let audit: AuditSink?
    let maximumHeaderBytes: Int
    private let maximumBodyBytes: Int?
    let moreMetrics: @Sendable () -> [Metric]
    let access: AccessRules
    let administrators: AccessRules?
    let owners: OwnerCheck?
    let certificateNames: ClaimedNames?
    /// Signs registry tokens; nil to have none.
    let tokens: TokenIssuer?
    let keySource: APIKeySource?
    /// The providers that people log in with; nil to have none.
    let logins: ProviderLogins?
    let returnTargets: ReturnTarget
    /// Whether anybody can log in with a password.
    let takesPasswords: Bool
    let reservedNames: ReservedNames
    let freshLogin: FreshLogin
    /// The sessions of browsers; nil to have none.
    let sessions: BrowserSessions?
    private let networks: KeyNetworks
    private let keyExecutor: (any TaskExecutor)?
    /// Whether a password is good for managing keys alone: asked for each request, and so kept here.
    let passwordsAreForKeys: Bool
    let metricsAccess: MetricsAccess?
    let counts: AccessCounts
    let requests: RequestMetrics
    let isCurrent: @Sendable () -> Bool
    private let challenge: String
    let bearerChallenge: BearerChallenge?
    let realm: String
    let forwarding: Forwarding
    let crossOrigin: CrossOrigin
    private let hasOperationsListener: Bool
    private var isForOperations = false

    /// Makes the service.
    /// - Parameters:
    ///   - resolver: says whose a credential is.
    ///   - ring: the API keys; nil to have no API-key REST API.
    ///   - options: how the service behaves.
    ///   - audit: where decisions go; nil for nowhere.
    public init(
        resolver: CredentialResolver, ring: APIKeyRing?, options: Options = .init(), audit: AuditSink? = nil
    ) {
        self.init(resolver: resolver, ring: ring, options: options, audit: audit, continuing: nil)
    }

    /// Makes a service that takes the place of another one, and goes on counting where that was.
    package init(
        resolver: CredentialResolver, ring: APIKeyRing?, options: Options, audit: AuditSink?,
        continuing previous: AuthService?
    ) {
        counts = previous?.counts ?? AccessCounts()
        isCurrent = options.isCurrent
        self.resolver = resolver
        self.ring = ring
        self.audit = audit
        self.challenge = Self.challenge(realm: options.realm)
        realm = options.realm
        bearerChallenge = options.bearerChallenge
        forwarding = Forwarding(trustedProxies: options.trustedProxies, fields: options.forwardingFields)
        self.crossOrigin = CrossOrigin(origins: options.allowedOrigins)
        access = options.access
        administrators = options.administrators
        owners = options.owners
        certificateNames = options.certificateNames
        keyExecutor = options.keyExecutor
        tokens = options.tokens
        sessions = options.sessions
        logins = options.logins
        takesPasswords = options.takesPasswords
        reservedNames = options.reservedNames
        freshLogin = options.freshLogin
        returnTargets = ReturnTarget(
            origins: options.returnOrigins + [options.sessions?.externalOrigin].compactMap(\.self),
            domain: options.sessions?.cookie.domain)
        keySource = ring.flatMap { ring in options.owners.map { APIKeySource(ring: ring, owners: $0) } }
        if let previous, previous.networks.limit == options.alertAfterNetworks,
            previous.networks.capacity == options.alertCapacity
        {
            networks = previous.networks
        } else {
            networks = KeyNetworks(limit: options.alertAfterNetworks, capacity: options.alertCapacity)
        }
        passwordsAreForKeys = ring?.policy.passwords == .keyManagementOnly
        self.metricsAccess = options.metricsAccess
        self.maximumHeaderBytes = options.maximumHeaderBytes
        requests = previous?.requests ?? RequestMetrics()
        self.moreMetrics = options.metrics
        maximumBodyBytes = options.maximumBodyBytes
        self.hasOperationsListener = options.hasOperationsListener
    }

    /// The same service for the operators' own listener: it answers their routes and no others.
    public var forOperations: AuthService {
        var service = self
        service.isForOperations = true
        return service
    }

    /// Whether the answer to a request depends on its body. Any other is answered when its head is there: a body that was
    /// announced and does not come must keep nobody waiting.
    /// - Parameters:
    ///   - method: the request's method.
    ///   - target: its path with its query.
    /// - Returns: false also for what will be refused whatever the body is.
    public func needsBody(_ method: HTTPRequest.Method, _ target: String) -> Bool {
        bodyLimit(method, target) != nil
    }

    /// How many bytes a body may have that the answer to a request depends on: no more of it need be kept.
    /// - Parameters:
    ///   - method: the request's method.
    ///   - target: its path with its query.
    /// - Returns: nil if the answer depends on no body.
    public func bodyLimit(_ method: HTTPRequest.Method, _ target: String) -> Int? {
        guard let route = entry(at: AuthRequest.path(of: target), .shared)?.row(method), route.needsBody else {
            return nil
        }
        let most =
            switch route.handler {
            case .token: TokenRequest.maximumLength
            case .login: LoginForm.maximumLength
            case .open where route.needsLogins: Self.maximumLogoutLength
            case .full where route.demand.isForPages: AccountForm.maximumLength
            default: CreateAPIKeyBody.maximumLength
            }
        return bodyLimit(most)
    }

    /// How many bytes a body may have where its route takes so many at most.
    func bodyLimit(_ most: Int) -> Int { min(most, maximumBodyBytes ?? most) }

    /// What one more event loop needs of its own, for ``answerIfKnown(_:on:)``.
    /// - Parameter previous: what the loop has had for the service whose place this one takes: it counts on.
    public func newLoop(after previous: AuthLoop? = nil) -> AuthLoop {
        AuthLoop(resolver.newLoopMemory(), previous?.requests ?? requests.newCounts())
    }

    /// Answers a request whose credential is known, or missing, without suspending or waiting for anything.
    /// - Parameters:
    ///   - request: a request without a body, or one whose body does not matter.
    ///   - loop: what the calling event loop has of its own; nil to do without.
    /// - Returns: the answer; nil if it takes ``answer(_:body:)`` to find it.
    public func answerIfKnown(_ request: AuthRequest, on loop: AuthLoop? = nil) -> AuthResponse? {
        guard let route = entry(at: request.path, loop?.table ?? .shared)?.row(request.method),
            var response = answerIfKnown(request, route, on: loop)
        else { return nil }
        response.route = route.index
        return response
    }

    private func answerIfKnown(_ request: AuthRequest, _ route: Route, on loop: AuthLoop?) -> AuthResponse? {
        if let problem = problem(withQueryOf: request, route) {
            // A page takes its time to write.
            return wantsPage(request) ? nil : refusal(of: problem, route, request)
        }
        switch route.handler {
        case .immediate(let health): return health(self)
        case .known, .anyone: break
        case .open, .full, .token, .login: return nil
        }
        guard forwarding.problem(with: request, isForwardAuth: route.isForwardAuth) == nil else { return nil }
        // A password that begins a session is shown once.
        if route.beginsSessions, sessions != nil, request.field(FieldNames.zotClient) != nil { return nil }
        let (field, client) = (request.fields.value(of: FieldNames.authorization), forwarding.client(of: request))
        let tokens = field == .absent ? sessions?.tokens(of: request) ?? [] : []
        // Which of several counts takes a look at each.
        guard tokens.count < 2 else { return nil }
        let session = tokens.first
        var shown = session?.text
        if case .single(let value) = field { shown = value }
        if let loop, let shown,
            let (known, isFresh) = loop.memory.find(shown, from: client, at: request.arrived)
        {
            return answerAtOnce(route, request, known.principal, known, isFresh: isFresh)
        }
        let invalidations = Invalidation.current
        switch AuthorizationHeader(field) {
        case .absent:
            // Behind a header that says nothing there may be one too.
            guard session == nil, field == .absent || sessions?.tokens(of: request).isEmpty ?? true else {
                guard let session, let found = sessions?.manager.knownPrincipal(session, at: request.arrived) else {
                    return nil
                }
                resolver.metrics.countAuthenticated()
                let known = loop?.memory.remember(
                    found, session.text, from: client, since: invalidations, at: request.arrived)
                return answerAtOnce(route, request, found.principal, known, isFresh: true)
            }
            guard let certificate = request.certificate else {
                return answerAtOnce(route, request, nil, nil, isFresh: true)
            }
            guard let principal = Self.principal(certificate), certificateNames?.isKnown(principal.userName) ?? true
            else {
                return nil
            }
            return answerAtOnce(route, request, principal, nil, isFresh: true)
        case .malformed: return nil
        case .credential(let credential):
            guard let found = resolver.knownPrincipal(credential, from: client, at: request.arrived) else {
                return nil
            }
            var known: LoopMemory.Known?
            if let loop, case .single(let value) = field {
                known = loop.memory.remember(found, value, from: client, since: invalidations, at: request.arrived)
            }
            return answerAtOnce(route, request, found.principal, known, isFresh: true)
        }
    }

    /// - Parameter isFresh: whether it was found out just now who it is, and not within the last second.
    private func answerAtOnce(
        _ route: Route, _ request: AuthRequest, _ principal: Principal?, _ known: LoopMemory.Known?, isFresh: Bool
    ) -> AuthResponse? {
        if let refusal = refusal(route, request, principal, known, isFresh: isFresh) {
            return finished(refusal, route, request)
        }
        switch (route.handler, principal) {
        case (.known(let handler), let principal?):
            return finished(handler(self, request, principal, known), route, request)
        case (.anyone(let handler), _): return finished(handler(self, request, principal, known), route, request)
        default: return nil
        }
    }

    /// Where a task that decides a request does so with the fewest turns from thread to thread.
    /// - Parameter request: the request.
    /// - Returns: nil for anywhere. What has no API key belongs nowhere else: a disk that stalls must not stall passwords.
    public func executor(for request: AuthRequest) -> (any TaskExecutor)? {
        guard let keyExecutor else { return nil }
        return switch presented(request) {
        case .header(.credential(let credential)) where credential.secret.isKeyShaped: keyExecutor
        case .session: keyExecutor
        default: nil
        }
    }

    /// Answers a request, a refusal no earlier than rule 5 allows.
    /// - Parameters:
    ///   - request: the request.
    ///   - body: reads its body.
    /// - Returns: the answer. Does not throw.
    public func answer(_ request: AuthRequest, body: BodyReader) async -> AuthResponse {
        let held = await decide(request, body: body)
        await held.hold?.wait()
        return held.response
    }

    /// Finds the answer to a request, as ``answer(_:body:)`` does, and leaves it to the server to hold it back.
    /// - Parameters:
    ///   - request: the request.
    ///   - body: reads its body.
    /// - Returns: the answer, and how long it must be held back. Does not throw.
    public func decide(_ request: AuthRequest, body: BodyReader) async -> HeldResponse {
        guard let entry = entry(at: request.path, .shared) else {
            return HeldResponse(isForOperations ? .notFound("there is nothing at this path") : nothing(at: request))
        }
        // A route of any method takes OPTIONS too.
        if request.method == .options, entry.methods != nil {
            return HeldResponse(crossOrigin.preflight(request, entry))
        }
        guard let route = entry.row(request.method) else {
            return HeldResponse(nothing(at: request, .methodNotAllowed(entry)))
        }
        var held = await decide(request, route, body)
        held.response.route = route.index
        return held
    }

    private func decide(_ request: AuthRequest, _ route: Route, _ body: BodyReader) async -> HeldResponse {
        if let problem = problem(withQueryOf: request, route) {
            return HeldResponse(refusal(of: problem, route, request))
        }
        // What is the same for everybody is so whatever a proxy tells.
        if !route.isImmediate, let problem = forwarding.problem(with: request, isForwardAuth: route.isForwardAuth) {
            record(.denied(nil, reason: problem), user: nil, request)
            return HeldResponse(finished(.badRequest(problem), route, request))
        }
        if let refusal = refusalOfForeignPage(route, request) { return HeldResponse(refusal) }
        switch route.handler {
        case .immediate(let answer): return HeldResponse(answer(self))
        case .open(let answer):
            if demandsNothing(route) { return HeldResponse(await answer(self, request, body)) }
            return await identified(request, route) { _ in await answer(self, request, body) }
        case .anyone(let answer):
            return await identified(request, route) { principal in
                let response = answer(self, request, principal, nil)
                return route.beginsSessions ? await beginSession(principal, request, response) : response
            }
        case .known(let answer):
            return await identified(request, route) { $0.map { answer(self, request, $0, nil) } }
        case .token: return await decideToken(request, route, body)
        case .login: return await decideLogin(request, route, body)
        case .full(let answer):
            return await identified(request, route) { principal in
                guard let principal else { return nil }
                return await answer(self, request, principal, body)
            }
        }
    }

    /// What answers a path on this listener.
    private func entry(at path: Substring, _ table: RouteTable) -> RouteTable.Entry? {
        guard let entry = table.find(path), let route = entry.rows.first, isAnswered(route) else { return nil }
        return entry
    }

    /// Whether this listener answers a row.
    func isAnswered(_ route: Route) -> Bool {
        switch route.place {
        case .main:
            !isForOperations && !(route.needsRing && ring == nil) && !(route.needsTokens && tokens == nil)
                && !(route.needsSessions && sessions == nil) && !(route.needsLogins && logins == nil)
        case .operations: isForOperations || !hasOperationsListener
        case .operationsOnly: isForOperations
        }
    }

    /// Records who it is, and refuses whoever does not meet the route's demand.
    /// - Returns: nil if the handler shall answer.
    func refusal(
        _ route: Route, _ request: AuthRequest, _ principal: Principal?, _ known: LoopMemory.Known?, isFresh: Bool
    ) -> AuthResponse? {
        switch answer(to: route.demand, request, principal, known) {
        case .met:
            if let principal {
                record(.login(principal), user: principal.userName, request)
                // What the event loop knows was noted less than a second ago.
                if isFresh { noteOrigin(principal, request) }
            }
            return nil
        case .challenged:
            record(.refusal(.noCredential), user: nil, request)
            return redirectToLogin(request, route.demand) ?? unauthorized(request)
        case .denied(let reason):
            counts.countDenied()
            record(.denied(principal, reason: reason), user: principal?.userName, request)
            // There may be a token that is good for more: the challenge says for what.
            if bearerChallenge != nil, case .token(_?)? = principal?.method { return unauthorized(request) }
            return ErrorBody.response(
                .forbidden, "DENIED", "requested access to the resource is denied", detail: ["reason": reason])
        case .hidden:
            counts.countDenied()
            record(
                .denied(principal, reason: "only an administrator may see others' keys"), user: principal?.userName,
                request)
            return route.demand.isForPages ? nothing(at: request) : .notFound("you have no API key with this id")
        case .malformed(let problem):
            record(.denied(principal, reason: problem), user: principal?.userName, request)
            return .badRequest(problem)
        }
    }

    /// Notes from where a key is used.
    private func noteOrigin(_ principal: Principal, _ request: AuthRequest) {
        guard let ring, case .apiKey(let id, _) = principal.method else { return }
        let client = forwarding.client(of: request)
        ring.noteOrigin(of: id, client: client, userAgent: request.field(FieldNames.userAgent))
        if let count = networks.note(id, client, at: request.arrived) {
            alert(.keyFromManyNetworks(id, count), user: principal.userName, request)
        }
    }

    func finished(_ response: AuthResponse, _ route: Route, _ request: AuthRequest) -> AuthResponse {
        guard route.isZots || route.isForwardAuth else { return response }
        var response = response
        if route.isZots { crossOrigin.allow(request, &response) }
        // Whoever is let in has these already, with the identity.
        if route.isForwardAuth, response.status != .ok {
            for field in IdentityHeaders.caching { response.headers[field.name] = field.value }
        }
        return response
    }

    /// Turns a request away that the server has no room for: counted and recorded like one that nobody could judge.
    /// - Parameter request: the request.
    /// - Returns: 503 with Retry-After.
    public func turnAway(_ request: AuthRequest) -> AuthResponse {
        let failure = SourceFailure(
            .overloaded, detail: "too many requests are being answered already: its credential was not looked at")
        resolver.metrics.count(.unavailable(failure))
        var user: UserName?
        if case .credential(let credential) = AuthorizationHeader(request.fields) {
            user = credential.claimedName
        }
        record(.unavailable(failure), user: user, request)
        return .unavailable()
    }

    func record(_ action: AuditEvent.Action, user: UserName?, _ request: AuthRequest) {
        guard let audit else { return }
        audit(
            AuditEvent(
                time: .now, action: action, userName: user, client: forwarding.client(of: request),
                path: String(request.path), requestID: request.id))
    }

    func unauthorized(_ request: AuthRequest) -> AuthResponse {
        var headers: HTTPFields = [:]
        if let challenge = challenge(for: request) {
            // Docker takes the first that it can.
            if let bearer = bearerChallenge {
                headers.append(
                    HTTPField(name: .wwwAuthenticate, value: bearer.text(for: rights(askedBy: request))))
            }
            headers.append(HTTPField(name: .wwwAuthenticate, value: challenge))
        }
        var response = ErrorBody.response(
            .unauthorized, "UNAUTHORIZED", "authentication required", headers: headers)
        // A cookie that came with it was good for nothing, unless another credential went before it.
        if case .absent = AuthorizationHeader(request.fields) { sessions?.take(from: request, &response) }
        return response
    }

    /// What a token would have to be good for.
    private func rights(askedBy request: AuthRequest) -> [RepositoryRight]? {
        guard let query = try? VerifyQuery(request.path == RouteTable.verifyPath ? request.query : ""),
            let resource = try? RequestedResource(query, request, forwarding)
        else { return nil }
        return switch resource {
        case .rights(let rights), .registry(.rights(let rights), _): rights
        case .unknown, .registry: nil
        }
    }

    /// The challenge that a request gets: zot's page asks for the password itself, and the browser would put its own window over it.
    func challenge(for request: AuthRequest) -> String? {
        request.field(FieldNames.zotClient) == "zot-ui" ? nil : challenge
    }

    /// RFC 7617, 2 with a quoted-string (RFC 9110, 5.6.4).
    private static func challenge(realm: String) -> String {
        "Basic realm=\(BearerChallenge.quoted(realm)), charset=\"UTF-8\""
    }
}
