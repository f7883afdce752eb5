public import APIKeys
public import Credentials
import Foundation
import HTTPTypes

/// Answers requests: the API-key REST API, `/auth/verify`, `/auth/whoami`, `GET /v2/`, `/healthz`, `/readyz`
/// and `/metrics`.
///
/// Each answer is a function of an ``AuthRequest``, so that any web framework, or a bare channel handler, can serve it:
/// try ``answerIfKnown(_:)``, which never waits, then ``answer(_:body:)``. Safe to share.
public struct AuthService: Sendable {
    /// How the service behaves.
    public struct Options: Sendable {
        /// What the Basic challenge names.
        public var realm = "latchkey"
        /// The proxies whose forwarding headers are believed.
        public var trustedProxies: [IPNetwork] = []
        /// The usual behaviour.
        public init() {}
    }

    /// How many bytes the longest body may have that an answer depends on: a server need not keep more of one.
    public static let maximumBodyLength = CreateAPIKeyBody.maximumLength

    /// Reads a request's body.
    /// - Parameter limit: how many bytes it may have.
    /// - Returns: the body; nil if it is longer.
    public typealias BodyReader = @Sendable (_ limit: Int) async throws -> [UInt8]?

    let resolver: CredentialResolver
    let ring: APIKeyRing?
    let audit: AuditSink?
    private let challenge: String
    private let clientAddress: ClientAddress

    /// Makes the service.
    /// - Parameters:
    ///   - resolver: says whose a credential is.
    ///   - ring: the API keys; nil to have no API-key REST API.
    ///   - options: how the service behaves.
    ///   - audit: where decisions go; nil for nowhere.
    public init(
        resolver: CredentialResolver, ring: APIKeyRing?, options: Options = .init(), audit: AuditSink? = nil
    ) {
        self.resolver = resolver
        self.ring = ring
        self.audit = audit
        self.challenge = Self.challenge(realm: options.realm)
        self.clientAddress = ClientAddress(trustedProxies: options.trustedProxies)
    }

    /// Answers a request whose credential is known, or missing, without suspending or waiting for anything.
    /// - Parameter request: a request without a body, or one whose body does not matter.
    /// - Returns: the answer; nil if it takes ``answer(_:body:)`` to find it.
    public func answerIfKnown(_ request: AuthRequest) -> AuthResponse? {
        switch Route(path: request.path) {
        case .health where request.method == .get || request.method == .head: return health()
        case .verify: break
        case .registryPing where request.method == .get || request.method == .head: break
        default: return nil
        }
        let credential: BasicCredential
        switch AuthorizationHeader(request.headers) {
        case .absent:
            record(.refusal(.noCredential), user: nil, request)
            return unauthorized(request)
        case .malformed: return nil
        case .basic(let basic): credential = basic
        }
        guard let principal = resolver.principalIfKnown(credential, from: clientAddress.client(of: request)) else {
            return nil
        }
        record(.login(principal), user: principal.userName, request)
        return request.path == "/auth/verify" ? verified(principal) : registryPing()
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
        guard let route = Route(path: request.path), route != .apiKeys || ring != nil else {
            return HeldResponse(.notFound("there is nothing at this path"))
        }
        if let methods = route.methods {
            guard methods.contains(request.method) else { return HeldResponse(.methodNotAllowed(route)) }
            guard request.method != .options else {
                return HeldResponse(AuthResponse(.noContent, headers: [.allow: route.allow]))
            }
        }
        switch route {
        case .health: return HeldResponse(health())
        case .readiness: return HeldResponse(await readiness())
        case .metrics: return HeldResponse(metrics())
        case .verify: return await withPrincipal(request) { verified($0) }
        case .registryPing: return await withPrincipal(request) { _ in registryPing() }
        case .whoAmI: return await withPrincipal(request) { .json(.ok, WhoAmIBody($0)) }
        case .apiKeys: return await withPrincipal(request) { await answerAPIKeys(request, $0, body) }
        }
    }

    /// Turns a request away that the server has no room for: counted and recorded like one that nobody could judge.
    /// - Parameter request: the request.
    /// - Returns: 503 with Retry-After.
    public func turnAway(_ request: AuthRequest) -> AuthResponse {
        let failure = SourceFailure(
            .overloaded, detail: "too many requests are being answered already: its credential was not looked at")
        resolver.metrics.count(.unavailable(failure))
        var user: String?
        if case .basic(let credential) = AuthorizationHeader(request.headers) { user = credential.userName }
        record(.unavailable(failure), user: user, request)
        return .unavailable()
    }

    private func withPrincipal(
        _ request: AuthRequest, _ answer: (Principal) async -> AuthResponse
    ) async -> HeldResponse {
        let decision: Decision
        var user: String?
        switch AuthorizationHeader(request.headers) {
        case .absent:
            record(.refusal(.noCredential), user: nil, request)
            return HeldResponse(unauthorized(request))
        case .malformed:
            decision = resolver.refuse(.malformedHeader, arrived: request.arrived)
        case .basic(let credential):
            user = credential.userName
            decision = await resolver.decide(
                credential, from: clientAddress.client(of: request), arrived: request.arrived)
        }
        switch decision.outcome {
        case .authenticated(let principal):
            record(.login(principal), user: principal.userName, request)
            return HeldResponse(await answer(principal))
        case .refused(let reason):
            record(.refusal(reason), user: user, request)
            return HeldResponse(unauthorized(request), hold: decision.hold)
        case .unavailable(let failure):
            record(.unavailable(failure), user: user, request)
            return HeldResponse(.unavailable())
        case .throttled(let wait):
            record(.throttled(wait), user: user, request)
            return HeldResponse(.tooManyRequests(after: wait))
        }
    }

    func record(_ action: AuditEvent.Action, user: String?, _ request: AuthRequest) {
        guard let audit else { return }
        audit(
            AuditEvent(
                time: .now, action: action, userName: user, client: clientAddress.client(of: request),
                path: String(request.path), requestID: request.id))
    }

    private func unauthorized(_ request: AuthRequest) -> AuthResponse {
        var headers: HTTPFields = [:]
        // zot's page asks for the password itself: a challenge would make the browser put its own window over it.
        if request.headers[FieldNames.zotClient] != "zot-ui" { headers[.wwwAuthenticate] = challenge }
        return ErrorBody.response(.unauthorized, "UNAUTHORIZED", "authentication required", headers: headers)
    }

    /// RFC 7617, 2 with a quoted-string (RFC 9110, 5.6.4).
    private static func challenge(realm: String) -> String {
        let quoted = realm.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return "Basic realm=\"\(quoted)\", charset=\"UTF-8\""
    }
}
