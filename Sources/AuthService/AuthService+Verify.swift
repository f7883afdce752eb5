import Credentials
import HTTPTypes

extension AuthService {
    /// The answer to a reverse proxy that asked who this is.
    func verified(_ principal: Principal) -> AuthResponse {
        var headers: HTTPFields = [:]
        headers[FieldNames.remoteUser] = principal.userName
        if !principal.groups.isEmpty {
            headers[FieldNames.remoteGroups] = principal.groups.map { Self.listItem($0.name) }.joined(separator: ",")
        }
        if let email = principal.email { headers[FieldNames.remoteEmail] = email }
        if let name = principal.displayName { headers[FieldNames.remoteName] = name }
        return AuthResponse(.ok, headers: headers)
    }

    /// What `docker login` and `skopeo login` ask.
    func registryPing() -> AuthResponse {
        var headers: HTTPFields = [.contentType: "application/json"]
        headers[FieldNames.registryVersion] = "registry/2.0"
        return AuthResponse(.ok, headers: headers, body: Array("{}".utf8))
    }

    /// A group's name may hold a comma (`cn=a\,admins`): as it stands it would be two groups to the proxy behind.
    private static func listItem(_ name: String) -> String {
        name.replacing("%", with: "%25").replacing(",", with: "%2C")
    }
}
