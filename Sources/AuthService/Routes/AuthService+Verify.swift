import Credentials
import HTTPTypes

extension AuthService {
    /// The answer to a reverse proxy that asked who this is.
    func verified(_ principal: Principal, _ request: AuthRequest, _ known: LoopMemory.Known?) -> AuthResponse {
        let identity =
            known?.note as? IdentityHeaders ?? IdentityHeaders(principal, maximumBytes: maximumHeaderBytes)
        known?.note = identity
        if identity.groupsLeftOut > 0 {
            record(.groupsLeftOut(of: principal, count: identity.groupsLeftOut), user: principal.userName, request)
        }
        return AuthResponse(.ok, headers: identity.fields)
    }

    /// What `docker login` and `skopeo login` ask.
    func registryPing() -> AuthResponse {
        var headers: HTTPFields = [.contentType: "application/json"]
        headers[FieldNames.registryVersion] = "registry/2.0"
        return AuthResponse(.ok, headers: headers, body: Array("{}".utf8))
    }
}
