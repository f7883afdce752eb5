import HTTPTypes
import OpenIDConnect

/// What zot's page asks first: by what people can log in (zot's `extension_mgmt.go`).
struct ZotManagementBody: Encodable {
    /// There, or not there.
    struct Present: Encodable {}

    struct Provider: Encodable { var name: String }
    struct OpenID: Encodable { var providers: [String: Provider] }

    struct Bearer: Encodable { var realm: String, service: String }

    struct Auth: Encodable {
        var htpasswd: Present?
        var bearer: Bearer?
        var openid: OpenID?
        var apikey: Bool?
    }

    struct HTTP: Encodable {
        var auth: Auth
    }

    var distSpecVersion = "1.1.1"
    var binaryType = "latchkey"
    var http: HTTP
}

extension AuthService {
    /// `htpasswd` stands for any source of passwords there: zot's page asks for one only where it is.
    func zotManagement() -> AuthResponse {
        let providers = logins?.providers.map {
            ($0.settings.name, ZotManagementBody.Provider(name: $0.settings.displayName))
        }
        let openid = providers.map { ZotManagementBody.OpenID(providers: Dictionary($0) { first, _ in first }) }
        return .json(
            .ok,
            ZotManagementBody(
                http: .init(
                    auth: .init(
                        htpasswd: takesPasswords ? .init() : nil,
                        bearer: bearerChallenge.map { .init(realm: $0.realm, service: $0.service) }, openid: openid,
                        apikey: ring == nil ? nil : true))))
    }
}
