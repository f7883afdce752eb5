import Foundation
import RegistryTokens

/// The answer of the token endpoint: what `GET` and `POST` name differently stands there under both names.
struct TokenBody: Encodable {
    let token: String
    let accessToken: String
    let expiresIn: Int
    let issuedAt: String
    let scope: String
    let refreshToken: String?

    private enum CodingKeys: String, CodingKey {
        case token, scope
        case accessToken = "access_token"
        case expiresIn = "expires_in"
        case issuedAt = "issued_at"
        case refreshToken = "refresh_token"
    }

    init(_ issued: TokenIssuer.Token, access: [TokenAccess], refreshToken: String?) {
        token = issued.text
        accessToken = issued.text
        expiresIn = Int(issued.lifetime / .seconds(1))
        issuedAt = RFC3339.format(issued.date)
        scope = access.map { "\($0.type):\($0.name):\($0.actions.joined(separator: ","))" }.joined(separator: " ")
        self.refreshToken = refreshToken
    }
}
