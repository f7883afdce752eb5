import HTTPTypes

/// Which pages of other origins may call zot's routes: CORS, as browsers and zot's page need it (https://fetch.spec.whatwg.org).
struct CrossOrigin: Sendable {
    /// The origins that may, each as `https://host:port`; empty for any, which then may send no cookies.
    private let origins: [String]

    /// - Parameter origins: such as `https://ui.example.org`; `*`, or none at all, for any.
    init(origins: [String]) {
        self.origins = origins.contains("*") ? [] : origins.map { Self.normal($0) }
    }

    /// Whether an origin is named: not as one of any.
    func names(_ origin: String) -> Bool { origins.contains(Self.normal(origin)) }

    /// Lets the page of a request read the answer.
    func allow(_ request: AuthRequest, _ response: inout AuthResponse) {
        guard !origins.isEmpty else {
            if request.field(FieldNames.origin) != nil { response.headers[.accessControlAllowOrigin] = "*" }
            return
        }
        // An answer for one origin is none for another.
        response.headers[.vary] = "Origin"
        guard let origin = request.field(FieldNames.origin), origins.contains(Self.normal(origin)) else { return }
        response.headers[.accessControlAllowOrigin] = origin
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

    /// Scheme and host do not tell upper from lower case; a slash at the end is a slip of whoever wrote it.
    static func normal(_ origin: String) -> String {
        let origin = origin.lowercased()
        return origin.hasSuffix("/") ? String(origin.dropLast()) : origin
    }
}
