// The code of Sources/RegistryTokens/RegistryTokens.docc/ATokenForARegistry.md: ArticlesTests compares the two.
import AccessControl
import Credentials
import Foundation
import RegistryTokens

enum RegistryTokensArticle {
    static func token(_ principal: Principal, _ rules: AccessRules) async throws -> [TokenAccess] {
        let (pem, certificate) = try TokenKey.make(.es256, name: "my registry", at: .now)
        let key = try TokenKey(key: pem, certificate: certificate)
        let issuer = try await TokenIssuer(
            options: .init(issuer: "me", services: ["registry.example.org"]), signing: key)

        let scopes = ["repository:team/app:pull,push"].compactMap { TokenScope($0) }
        let access = TokenAccess.granted(scopes, to: rules.subject(principal), by: rules)
        let token = try await issuer.token(
            for: principal.userName, service: "registry.example.org", access: access, at: .now)
        return token.text.isEmpty ? [] : access
    }
}
