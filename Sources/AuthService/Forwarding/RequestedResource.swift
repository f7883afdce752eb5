import AccessControl
import HTTPTypes

/// What the request that a proxy asks about is about.
enum RequestedResource {
    /// Nobody says.
    case unknown
    /// These rights.
    case rights([RepositoryRight])
    /// What the original request asks of a registry, with its path.
    case registry(RegistryRequest, path: Substring)

    /// - Throws: `RegistryRequest.Problem` for a request to a registry that is told by nobody who is trusted, or can't be read without guessing.
    init(_ query: VerifyQuery, _ request: AuthRequest, _ forwarding: Forwarding) throws(RegistryRequest.Problem) {
        guard query.isRegistry else {
            self = query.rights.isEmpty ? .unknown : .rights(query.rights)
            return
        }
        guard forwarding.isProxy(request) else {
            throw .init("registry needs a proxy that is trusted to name the request: see http.trustedProxies")
        }
        let original =
            if let told = request.original {
                told
            } else if let address = query.address {
                OriginalRequest(method: request.method.rawValue, target: String(address))
            } else {
                try OriginalRequest(request.fields, forwarding)
            }
        self = .registry(
            try RegistryRequest(method: original.method, target: original.target),
            path: AuthRequest.path(of: original.target))
    }
}
