import Credentials
import Foundation

/// Exchanging a code for tokens (RFC 6749, 4.1.3; RFC 7636, 4.5).
struct TokenExchange: Sendable {
    /// What the token endpoint answers (RFC 6749, 5.1).
    struct Tokens: Decodable, Sendable {
        var accessToken: String
        var tokenType: String?
        var idToken: String?

        private enum CodingKeys: String, CodingKey {
            case accessToken = "access_token"
            case tokenType = "token_type"
            case idToken = "id_token"
        }
    }

    private struct Failure: Decodable { var error: String? }

    /// The request.
    /// - Parameters:
    ///   - code: what the browser has brought.
    ///   - login: the login that it belongs to.
    ///   - endpoint: where.
    ///   - methods: by which the provider lets clients show who they are; nil for HTTP's Basic scheme, which is the default.
    ///   - settings: what the operator says of the provider.
    ///   - assertion: the signed assertion, where the client has a private key.
    static func request(
        code: String, _ login: PendingLogin, endpoint: String, methods: [String]?, _ settings: ProviderSettings,
        assertion: String?
    ) -> ProviderRequest {
        var fields = [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", login.redirectURL),
            ("code_verifier", login.verifier),
        ]
        var request = ProviderRequest(.post, endpoint)
        switch settings.authentication {
        case .secret(let secret):
            if isByBasicScheme(settings, methods) {
                // Both parts are encoded as in a form first (RFC 6749, 2.3.1).
                let pair = FormText.escaped(settings.clientID) + ":" + FormText.escaped(secret.revealed)
                request.headers.append(("Authorization", "Basic " + Data(pair.utf8).base64EncodedString()))
            } else {
                fields += [("client_id", settings.clientID), ("client_secret", secret.revealed)]
            }
        case .privateKey:
            fields += [
                ("client_id", settings.clientID), ("client_assertion", assertion ?? ""),
                ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ]
        case .none: fields.append(("client_id", settings.clientID))
        }
        request.form = FormText.encode(fields)
        return request
    }

    /// Whether the secret goes by HTTP's Basic scheme: what the operator says, else what the provider does; its default is that.
    private static func isByBasicScheme(_ settings: ProviderSettings, _ methods: [String]?) -> Bool {
        switch settings.secretMethod {
        case .basic: true
        case .post: false
        case nil: settings.kind == .oidc && methods?.contains("client_secret_basic") ?? true
        }
    }

    /// Reads the answer.
    /// - Throws: ``LoginProblem``. GitHub answers 200 to a wrong code too, with an error in the body.
    static func tokens(_ answer: ProviderAnswer) throws(LoginProblem) -> Tokens {
        let failure = (try? JSONDecoder().decode(Failure.self, from: Data(answer.body)))?.error
        switch answer.status {
        // An outage is no refusal: nobody's secret is wrong.
        case 300..<400, 408, 429, 500...: throw .outage("its token endpoint answers \(answer.status)")
        default: break
        }
        guard answer.status == 200, failure == nil else {
            if failure == "temporarily_unavailable" || failure == "server_error" {
                throw .outage("its token endpoint answers \(failure ?? "")")
            }
            let known = [
                "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type",
                // GitHub's (https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors).
                "bad_verification_code", "incorrect_client_credentials", "redirect_uri_mismatch",
                "unverified_user_email",
            ]
            throw .exchange(status: answer.status, code: failure.flatMap { known.contains($0) ? $0 : nil } ?? "other")
        }
        guard let tokens = try? JSONDecoder().decode(Tokens.self, from: Data(answer.body)),
            tokens.tokenType?.lowercased() ?? "bearer" == "bearer", !tokens.accessToken.isEmpty
        else { throw .provider("its token endpoint's answer has no access token") }
        return tokens
    }
}

extension Secret {
    /// The secret as a text, for the one request that carries it.
    fileprivate var revealed: String { String(decoding: bytes, as: UTF8.self) }
}
