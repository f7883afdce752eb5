import Credentials
import HTTPTypes

/// Whether a request that comes by a session was meant by whoever's it is: a browser sends the cookie whoever wrote the page that asks.
extension AuthService {
    /// Why a session is not enough for a request.
    /// - Returns: nil if it is.
    func problem(withSessionAt request: AuthRequest, _ demand: Demand) -> String? {
        // A proxy asks on behalf of a request of any method; what that may change is between the browser and the application.
        if demand == .resource || demand.isForPages || request.method == .get || request.method == .head { return nil }
        // No page of another origin can send this field without asking before (CORS).
        guard request.field(FieldNames.zotClient) != nil else {
            return "a session alone changes nothing: send the field \(FieldNames.zotClient) too"
        }
        return isFromOwnPage(request) ? nil : "a page of another origin can't do this with your session"
    }

    /// Whether the page that asks is one of this server's, or of an origin that the operator has named.
    ///
    /// What no browser wrote has neither field, and no cookie that somebody else's page could use.
    func isFromOwnPage(_ request: AuthRequest) -> Bool {
        switch request.fields.value(of: FieldNames.origin) {
        case .absent:
            let site = request.field(FieldNames.fetchSite)
            return site == nil || site == "same-origin" || site == "none"
        case .single(let origin): return crossOrigin.names(origin) || isOwn(CrossOrigin.normal(origin), request)
        case .repeated: return false
        }
    }

    private func isOwn(_ origin: String, _ request: AuthRequest) -> Bool {
        if let own = sessions?.externalOrigin { return origin == own }
        guard let mark = origin.firstRange(of: "://"), let host = OriginalHost(String(origin[mark.upperBound...]))
        else {
            return false
        }
        if forwarding.isProxy(request), let told = OriginalHost(request, forwarding) { return host == told }
        return request.field("Host").flatMap { OriginalHost($0) } == host
    }
}
