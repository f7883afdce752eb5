import HTTPTypes

/// What zot's page asks first: by what people can log in (zot's `extension_mgmt.go`).
struct ZotManagementBody: Encodable {
    /// There, or not there.
    struct Present: Encodable {}

    struct Auth: Encodable {
        var htpasswd: Present?
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
    /// `htpasswd` stands for any source of passwords there.
    func zotManagement() -> AuthResponse {
        .json(.ok, ZotManagementBody(http: .init(auth: .init(htpasswd: .init(), apikey: ring == nil ? nil : true))))
    }
}
