import APIKeys
import AccessControl
import Credentials
import Foundation
import HTTPTypes
import RegistryTokens

extension AuthService {
    /// Answers at the token endpoint: whose credential it is decides what of the scopes is granted.
    func decideToken(_ request: AuthRequest, _ route: Route, _ body: BodyReader) async -> HeldResponse {
        let asked: TokenRequest
        do {
            if route.needsBody {
                guard let bytes = try await body(bodyLimit(TokenRequest.maximumLength)) else {
                    return HeldResponse(
                        ErrorBody.response(.contentTooLarge, "SIZE_INVALID", "the form is too long"))
                }
                asked = try TokenRequest(form: bytes)
            } else {
                asked = try TokenRequest(query: request.query)
            }
        } catch let problem as TokenRequest.Problem {
            return HeldResponse(.badRequest(problem.message))
        } catch {
            return HeldResponse(.badRequest("the body could not be read"))
        }
        let credential: PresentedCredential
        switch (AuthorizationHeader(request.fields), asked.credential, asked.refreshToken) {
        case (_, nil, nil): credential = presented(request)
        case (.absent, let given?, _): credential = .header(.credential(given))
        case (.absent, nil, let token?):
            let content = tokens?.content(ofRefreshToken: token, at: .now)
            // It is for the registry that it was made for, and for no other.
            let isFitting = asked.service == nil || asked.service == content?.service
            credential = .refresh(isFitting ? content : nil)
        // Which of two counts would be a guess.
        default: credential = .header(.malformed)
        }
        return await identified(request, route, credential) { principal in
            await token(asked, principal, credential)
        }
    }

    private func token(
        _ asked: TokenRequest, _ principal: Principal?, _ credential: PresentedCredential
    ) async -> AuthResponse? {
        guard let tokens else { return .notFound("there is nothing at this path") }
        // Who says who they are and does not show it wants to be asked.
        if principal == nil, asked.account != nil { return nil }
        guard let service = asked.service ?? credential.service ?? tokens.options.services.first,
            tokens.options.services.contains(service)
        else { return .badRequest("service is no registry that tokens are made for") }
        let access = TokenAccess.granted(asked.scopes, to: self.access.subject(principal), by: self.access)
        let now = ring?.now ?? .now
        do {
            let issued = try await tokens.token(
                for: principal?.userName ?? "", service: service, access: access, at: now)
            var refreshToken: String?
            if asked.wantsRefreshToken, let principal, let holder = holder(principal, credential) {
                refreshToken = try tokens.refreshToken(.init(holder, service: service), at: now)
            }
            counts.countToken()
            return .json(.ok, TokenBody(issued, access: access, refreshToken: refreshToken))
        } catch {
            return .unavailable()
        }
    }

    /// Whose refresh token somebody may have. One for a password is made where its source can tell when the password changes: an htpasswd file can.
    private func holder(_ principal: Principal, _ credential: PresentedCredential) -> RefreshToken.Holder? {
        if let holder = credential.holder { return holder }
        guard principal.method == .password, let state = owners?.passwordState(of: principal) else { return nil }
        return .person(
            userName: principal.userName, source: principal.source.rawValue, identity: principal.identity,
            passwordState: state)
    }

    /// The keys that registries verify tokens with.
    func publishedKeys() -> AuthResponse {
        AuthResponse(
            .ok, headers: [.contentType: "application/jwk-set+json", .cacheControl: "public, max-age=300"],
            body: tokens?.jwks ?? [])
    }
}
