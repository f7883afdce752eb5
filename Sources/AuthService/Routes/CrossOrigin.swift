import Credentials
import HTTPTypes

/// Which pages of other origins may call zot's routes: CORS, as browsers and zot's page need it (https://fetch.spec.whatwg.org).
struct CrossOrigin: Sendable {
    /// The origins that may; empty for any, which then may send no cookies.
    private let origins: Set<WebOrigin>

    /// - Parameter origins: those that may; none at all for any.
    init(origins: [WebOrigin]) { self.origins = Set(origins) }

    /// Whether an origin is named: not as one of any.
    func names(_ origin: WebOrigin) -> Bool { origins.contains(origin) }

    /// Lets the page of a request read the answer.
    func allow(_ request: AuthRequest, _ response: inout AuthResponse) {
        guard !origins.isEmpty else {
            if request.field(FieldNames.origin) != nil { response.headers[.accessControlAllowOrigin] = "*" }
            return
        }
        // An answer for one origin is none for another.
        response.headers[.vary] = "Origin"
        guard let text = request.field(FieldNames.origin), let origin = WebOrigin(text), names(origin) else { return }
        // A browser compares it with what it has sent, byte by byte.
        response.headers[.accessControlAllowOrigin] = text
        response.headers[.accessControlAllowCredentials] = "true"
    }

    /// The answer to `OPTIONS`, which a browser asks before anything else.
    func preflight(_ request: AuthRequest, _ entry: RouteTable.Entry) -> AuthResponse {
        var response = AuthResponse(.noContent, headers: [.allow: entry.allow])
        guard entry.isZots else { return response }
        allow(request, &response)
        if origins.isEmpty { response.headers[.accessControlAllowOrigin] = "*" }
        // HEAD is no business of a page's: zot does not name it.
        let methods = (entry.methods ?? []).filter { $0 != .head }.map(\.rawValue)
        response.headers[.accessControlAllowMethods] = methods.joined(separator: ",")
        response.headers[.accessControlAllowHeaders] = "Authorization,content-type,X-ZOT-API-CLIENT"
        return response
    }
}
