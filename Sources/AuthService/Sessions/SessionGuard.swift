import Credentials
import HTTPTypes

/// Whether a request was meant by whoever's it is: a browser sends its cookie, its client certificate and the password that it was once asked for by
/// itself, whoever wrote the page that asks.
extension AuthService {
    /// Refuses what a page of another site asks for: a request that changes something, whatever credential comes with it.
    /// - Returns: nil for what is no such request.
    func refusalOfForeignPage(_ route: Route, _ request: AuthRequest) -> AuthResponse? {
        guard changesSomething(route, request), !isFromOwnPage(request) else { return nil }
        let reason = "a page of another origin asks"
        counts.countDenied()
        record(.denied(nil, reason: reason), user: nil, request)
        let response = ErrorBody.response(
            .forbidden, "DENIED", "a page of another origin can't do this", detail: ["reason": reason])
        return finished(response, route, request)
    }

    private func changesSomething(_ route: Route, _ request: AuthRequest) -> Bool {
        if request.method == .get || request.method == .head || request.method == .options { return false }
        // A proxy asks on behalf of a request of any method; what that may change is between the browser and the application.
        if route.isForwardAuth { return false }
        // These say it on a page, and look for themselves.
        if case .login = route.handler { return false }
        if route.demand.isForPages { return false }
        // A provider's word is signed, and no browser has it to send by itself.
        return !route.paths.contains(Self.providerLogout)
    }

    /// Why a session is not enough for a request.
    /// - Returns: nil if it is.
    func problem(withSessionAt request: AuthRequest, _ demand: Demand) -> String? {
        if demand == .resource || demand.isForPages || request.method == .get || request.method == .head { return nil }
        // No page of another origin can send this field without asking before (CORS).
        guard request.field(FieldNames.zotClient) == nil else { return nil }
        return "a session alone changes nothing: send the field \(FieldNames.zotClient) too"
    }

    /// Whether the page that asks is one of this server's, or of an origin that the operator has named.
    ///
    /// What no browser wrote has neither field, and no credential that somebody else's page could use.
    func isFromOwnPage(_ request: AuthRequest) -> Bool {
        switch request.fields.value(of: FieldNames.origin) {
        case .absent:
            let site = request.field(FieldNames.fetchSite)
            return site == nil || site == "same-origin" || site == "none"
        case .single(let text):
            guard let origin = WebOrigin(text) else { return false }
            return crossOrigin.names(origin) || isOwn(origin, request)
        case .repeated: return false
        }
    }

    private func isOwn(_ origin: WebOrigin, _ request: AuthRequest) -> Bool {
        if let own = sessions?.externalOrigin { return origin == own }
        // Nobody says whether browsers come over TLS: the page itself does.
        guard let host = host(of: request) else { return false }
        return WebOrigin(isSecure: origin.isSecure, authority: host.authority) == origin
    }

    /// The host that a client asked for, as a trusted proxy tells it, or the request itself.
    func host(of request: AuthRequest) -> OriginalHost? {
        if forwarding.isProxy(request), let told = OriginalHost(request, forwarding) { return told }
        return request.field("Host").flatMap { OriginalHost($0) }
    }
}
