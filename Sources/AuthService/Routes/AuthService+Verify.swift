import AccessControl
import Credentials
import HTTPTypes

extension AuthService {
    /// The answer to a reverse proxy that asked who this is; nobody in particular where anonymous may do what it asks about.
    func verified(_ principal: Principal?, _ request: AuthRequest, _ known: LoopMemory.Known?) -> AuthResponse {
        guard let principal else {
            // A proxy that hands it on tells clients that there is a way to show who they are.
            var headers = IdentityHeaders.nobody
            if let challenge = challenge(for: request) { headers[.wwwAuthenticate] = challenge }
            return AuthResponse(.ok, headers: headers)
        }
        let identity = known.map { notes(of: $0).identity } ?? identityHeaders(of: principal)
        if identity.groupsLeftOut > 0 {
            record(.groupsLeftOut(of: principal, count: identity.groupsLeftOut), user: principal.userName, request)
        }
        return AuthResponse(.ok, headers: identity.fields)
    }

    /// What `docker login` and `skopeo login` ask.
    func registryPing(_ request: AuthRequest) -> AuthResponse {
        var headers: HTTPFields = [.contentType: "application/json"]
        headers[FieldNames.registryVersion] = "registry/2.0"
        // Where anonymous is let in, clients learn only by this that there is a way to show who they are.
        if access.letsAnonymousIn, let challenge = challenge(for: request) { headers[.wwwAuthenticate] = challenge }
        return AuthResponse(.ok, headers: headers, body: Array("{}".utf8))
    }
}
