import Credentials
import Foundation
import RegistryTokens

/// What a client asks of the token endpoint (Distribution, "Token Authentication Specification" for `GET`, "Oauth2 Token Authentication" for `POST`).
struct TokenRequest {
    /// Why a request can't be answered.
    struct Problem: Error {
        let message: String
    }

    /// The longest body, in bytes.
    static let maximumLength = 65_536
    /// The most scopes in one request.
    private static let maximumScopes = 100

    let service: String?
    let scopes: [TokenScope]
    /// The user name that the client says it has.
    let account: String?
    let wantsRefreshToken: Bool
    /// The credential of a form, instead of the `Authorization` field.
    let credential: BasicCredential?
    let refreshToken: String?

    /// Reads the query of a `GET`.
    init(query: Substring) throws(Problem) {
        let fields = FormText.decode(query)
        func one(_ name: String) throws(Problem) -> String? { try Self.one(name, fields) }
        service = try one("service").flatMap { $0.isEmpty ? nil : $0 }
        scopes = try Self.scopes(fields)
        account = try one("account").flatMap { $0.isEmpty ? nil : $0 }
        wantsRefreshToken = try one("offline_token") == "true"
        credential = nil
        refreshToken = nil
    }

    /// Reads the form of a `POST`.
    init(form: [UInt8]) throws(Problem) {
        guard let text = String(validating: form, as: UTF8.self) else {
            throw Problem(message: "the form is not UTF-8")
        }
        let fields = FormText.decode(text[...])
        func one(_ name: String) throws(Problem) -> String? { try Self.one(name, fields) }
        service = try one("service").flatMap { $0.isEmpty ? nil : $0 }
        scopes = try Self.scopes(fields)
        account = nil
        wantsRefreshToken = try one("access_type") == "offline"
        switch try one("grant_type") {
        case "password":
            switch (try one("username"), try one("password")) {
            case (let name?, let password?):
                credential = BasicCredential(userName: UserName(name), secret: Secret(password))
            // The credential may stand in the Authorization field instead.
            case (nil, nil): credential = nil
            default: throw Problem(message: "grant_type=password needs username and password, or neither")
            }
            refreshToken = nil
        case "refresh_token":
            guard let token = try one("refresh_token") else {
                throw Problem(message: "grant_type=refresh_token needs refresh_token")
            }
            (credential, refreshToken) = (nil, token)
        default: throw Problem(message: "grant_type must be password or refresh_token")
        }
    }

    /// The value of a field. Twice is refused (RFC 6749, 3.2): which of the two counts would be a guess.
    private static func one(
        _ name: String, _ fields: [(name: String, value: String)]
    ) throws(Problem) -> String? {
        let values = fields.filter { $0.name.hasSameBytes(as: name) }
        guard values.count < 2 else { throw Problem(message: "the parameter '\(name)' stands twice: say it once") }
        return values.first?.value
    }

    /// Several fields, or one with spaces, as clients differ.
    ///
    /// What can't be read grants nothing, and takes nothing from the others: clients ask for what another server may know (`openid`, other types of
    /// resources), and are told in the answer what was granted (RFC 6749, 3.3).
    private static func scopes(_ fields: [(name: String, value: String)]) throws(Problem) -> [TokenScope] {
        let texts = fields.filter { $0.name == "scope" }.flatMap { $0.value.utf8.split(separator: UInt8(ascii: " ")) }
        guard texts.count <= maximumScopes else { throw Problem(message: "more than \(maximumScopes) scopes") }
        return texts.compactMap { TokenScope(Substring($0)) }
    }
}
