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
    /// operator says so. 200 for a token that was taken before: providers ask again where an answer was lost, and nothing ends by it.
    func logOutByProvider(_ request: AuthRequest, _ body: BodyReader) async -> AuthResponse {
        guard let logins, let sessions, let provider = logins[String(request.path.dropFirst(Self.providerLogout.count))]
        else { return .notFound("there is nothing at this path") }
        do throws(LoginProblem) {
            guard let bytes = try? await body(bodyLimit(Self.maximumLogoutLength)),
                let token = FormFields(bytes).one("logout_token")
            else { throw .token("the form has no logout_token") }
            let logout = try await provider.logout(token)
            do throws(SourceFailure) {
                return try await end(logout, of: provider, logins, sessions, request)
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

    /// Does what a logout demands, once: told again it has been done, and the provider, which may not have heard so, is told the same.
    /// - Throws: `SourceFailure` if not all of it could be done: the provider is to say it again.
    private func end(
        _ logout: LogoutToken, of provider: IdentityProvider, _ logins: ProviderLogins, _ sessions: BrowserSessions,
        _ request: AuthRequest
    ) async throws(SourceFailure) -> AuthResponse {
        var (owners, unknown): ([CredentialOwner], SourceFailure?) = ([], nil)
        if provider.settings.logoutRevokesKeys, ring != nil {
            (owners, unknown) = try await keyOwners(logout, provider, logins)
        }
        let ended = try await sessions.manager.end(
            ProviderLogout(
                id: unknown == nil ? logout.id : nil, knownUntil: logout.end, source: provider.settings.source,
                identity: logout.identity, session: logout.session,
                covers: { logout.covers(sessionOf: $1.idToken, begun: $0.createdAt) },
                keys: provider.settings.logoutRevokesKeys && ring != nil
                    ? .init(owners: owners, madeBefore: logout.issued.addingTimeInterval(LogoutToken.leeway)) : nil))
        ring?.void(Set(ended.keys))
        if ended.isFirst {
            record(
                .providerLogout(
                    provider: provider.settings.name, sessions: ended.sessions.map(\.id), keys: ended.keys),
                user: ended.sessions.first?.owner.userName ?? owners.first?.userName, request)
        }
        if let unknown { throw unknown }
        return AuthResponse(.ok, headers: [.cacheControl: "no-store"])
    }

    /// People who may have keys, with or without a session here: whoever the provider knows by the subject, and whoever an operator says that it is.
    /// - Returns: the people, and why somebody could not be found out.
    private func keyOwners(
        _ logout: LogoutToken, _ provider: IdentityProvider, _ logins: ProviderLogins
    ) async throws(SourceFailure) -> ([CredentialOwner], SourceFailure?) {
        guard let identity = logout.identity, let subject = logout.subject else { return ([], nil) }
        var people: [CredentialOwner] = []
        if let known = try await logins.identities.identityRecord(identity, of: provider.settings.source) {
            people.append(
                CredentialOwner(userName: known.userName, source: known.source, identity: known.identity))
        }
        guard let name = logins.links[LinkedIdentity(provider: provider.settings.name, subject: subject)] else {
            return (people, nil)
        }
        switch await owners?.person(named: name) {
        case .found(let person), .disabled(let person?): return (people + [CredentialOwner(person)], nil)
        case .unavailable(let failure): return (people, failure)
        // Whoever is gone may come back: their keys are those that are kept under the name.
        case .absent, .disabled(nil), nil:
            let kept = try await ring?.records(.named(name)) ?? []
            return (people + kept.filter { $0.serviceAccount == nil }.map(\.owner), nil)
        }
    }
}
