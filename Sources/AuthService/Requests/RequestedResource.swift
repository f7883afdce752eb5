import AccessControl
import Foundation

/// What a request to `/auth/verify` is about, as the proxy's configuration says in the query.
enum RequestedResource {
    /// Nobody says.
    case unknown
    /// These rights: `?repository=team/app&action=read`.
    case rights([RepositoryRight])
    /// What the original request asks of a registry, with its path: `?registry`.
    case registry(RegistryRequest, path: Substring)

    /// Reads the query.
    ///
    /// It is the operator's, up to a parameter `u`: behind that stands the address that somebody else asked for (Envoy's path form),
    /// and whatever it says names no resource.
    /// - Parameter isFromProxy: whether the headers of the request can be believed.
    /// - Throws: `RegistryRequest.Problem` for a query that says nothing clear: what was meant as a demand must not be dropped.
    init(_ request: AuthRequest, isFromProxy: @autoclosure () -> Bool) throws(RegistryRequest.Problem) {
        let query = request.query
        guard !query.isEmpty else {
            self = .unknown
            return
        }
        var (isRegistry, repositories, actions): (Bool, [RepositoryName], [Action]) = (false, [], [])
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count > 1 ? String(parts[1]).removingPercentEncoding : ""
            guard parts[0] != "u" else { break }
            switch (parts[0], value) {
            case ("registry", ""): isRegistry = true
            case ("repository", let value?):
                guard let name = RepositoryName(value) else { throw .init("repository names no repository") }
                repositories.append(name)
            case ("action", let value?):
                guard let action = Action(named: value) else {
                    let names = Action.allCases.map(\.rawValue).joined(separator: ", ")
                    throw .init("action is none of \(names)")
                }
                actions.append(action)
            default:
                throw .init("the query takes registry, or repository with action, or u; not \(parts[0].prefix(40))")
            }
        }
        switch (isRegistry, repositories.isEmpty, actions.isEmpty) {
        case (false, true, true): self = .unknown
        case (true, true, true):
            guard isFromProxy() else {
                throw .init("registry needs a proxy that is trusted to name the request: see http.trustedProxies")
            }
            let original = try OriginalRequest(request.fields)
            self = .registry(
                try RegistryRequest(method: original.method, target: original.target),
                path: AuthRequest.path(of: original.target))
        case (false, false, false):
            self = .rights(repositories.flatMap { name in actions.map { RepositoryRight($0, name) } })
        default: throw .init("the query takes registry, or repository with action")
        }
    }
}
