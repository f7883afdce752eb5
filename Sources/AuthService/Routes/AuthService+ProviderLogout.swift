import APIKeys
import Credentials
import Foundation
import HTTPTypes
import OpenIDConnect
import Sessions

/// What providers say when somebody has logged out there.
extension AuthService {
    static let providerLogout = "/auth/backchannel-logout/"
    /// The longest body, in bytes: a token of the longest, in a form.
    static let maximumLogoutLength = Secret.maximumTokenLength + 256

    private struct Failure: Encodable {
        var error: String
        var errorDescription: String

        private enum CodingKeys: String, CodingKey {
            case error
            case errorDescription = "error_description"
        }
    }

    /// Ends the sessions that a provider has ended (OpenID Connect Back-Channel Logout 1.0), and the keys of whose they were where the
    /// operator says so.
    func logOutByProvider(_ request: AuthRequest, _ body: BodyReader) async -> AuthResponse {
        guard let logins, let sessions, let provider = logins[String(request.path.dropFirst(Self.providerLogout.count))]
        else { return .notFound("there is nothing at this path") }
        do throws(LoginProblem) {
            guard let bytes = try? await body(bodyLimit(Self.maximumLogoutLength)),
                let token = FormFields(bytes).one("logout_token")
            else { throw .token("the form has no logout_token") }
            let logout = try await provider.logout(token)
            do throws(SourceFailure) {
                let source = provider.settings.source
                let ended = try await sessions.manager.end(
                    .provider(source, identity: logout.identity, session: logout.session))
                var owners = Set(ended.map(\.owner))
                // Who has no session here may have keys.
                if let identity = logout.identity,
                    let known = try await logins.identities.identityRecord(identity, of: source)
                {
                    owners.insert(
                        CredentialOwner(userName: known.userName, source: known.source, identity: known.identity))
                }
                var keys: [APIKeyRecord] = []
                if provider.settings.logoutRevokesKeys, let ring {
                    for owner in owners { keys += try await ring.newlyRevoked(.all(owner), cause: .provider) }
                }
                record(
                    .providerLogout(
                        provider: provider.settings.name, sessions: ended.map(\.id), keys: keys.map(\.id)),
                    user: owners.first?.userName, request)
                return AuthResponse(.ok, headers: [.cacheControl: "no-store"])
            } catch {
                record(.unavailable(error), user: nil, request)
                return .unavailable()
            }
        } catch {
            record(.loginFailed(provider: provider.settings.name, reason: "logout: \(error)"), user: nil, request)
            if case .unreachable = error { return .unavailable() }
            var response = AuthResponse.json(
                .badRequest,
                Failure(error: "invalid_request", errorDescription: "the logout token is missing or can't be used"))
            response.headers[.cacheControl] = "no-store"
            return response
        }
    }
}
