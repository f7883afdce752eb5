import APIKeys
import Credentials
import Foundation
import HTTPTypes
import Sessions

/// What the forms of the account page and of the administrators' page have in common: they are our own, of this very session, and what they
/// do to keys takes a fresh login.
extension AuthService {
    /// How long ago somebody must have shown who they are, to make or end keys.
    private static let freshness: TimeInterval = 600

    /// Takes what a form sends.
    /// - Parameters:
    ///   - page: the page that it stands on, with what there is to tell.
    ///   - perform: does it; nil from it for what no form of the page sends.
    func act(
        _ request: AuthRequest, _ principal: Principal, _ body: BodyReader,
        page: (_ told: [String: String], _ status: HTTPResponse.Status) async -> AuthResponse,
        perform: (AccountForm, AccountForm.Action) async throws -> AuthResponse?
    ) async -> AuthResponse {
        let form: AccountForm
        do {
            guard let bytes = try await body(bodyLimit(AccountForm.maximumLength)) else {
                return await page(["problem": "badForm"], .contentTooLarge)
            }
            form = AccountForm(bytes, at: ring?.now ?? .now)
        } catch {
            return .badRequest("the body could not be read")
        }
        guard let sessions, let token = sessions.token(of: request), isFromOwnPage(request),
            FormToken.isRight(form.token, token)
        else { return await page(["problem": "foreign"], .forbidden) }
        guard let action = form.action else { return await page(["problem": "badForm"], .badRequest) }
        do {
            if action.needsFreshLogin, try await !isFresh(sessions, principal) { return again(request) }
            if let response = try await perform(form, action) { return response }
            return await page(["problem": "badForm"], .badRequest)
        } catch let problem as NewAPIKey.Problem {
            return await page(["problem": problem.message], .badRequest)
        } catch KeyRequestError.policy(let rule) {
            return await page(["problem": Self.reason(rule)], .badRequest)
        } catch {
            if let failure = error as? SourceFailure {
                record(.unavailable(failure), user: principal.userName, request)
            }
            return await page(["problem": "unavailable"], .serviceUnavailable)
        }
    }

    /// Whether somebody has shown who they are a short while ago.
    private func isFresh(_ sessions: BrowserSessions, _ principal: Principal) async throws(SourceFailure) -> Bool {
        guard case .session(let id) = principal.method,
            let session = try await sessions.manager.sessions(.one(id)).first
        else { return false }
        return Date.now.timeIntervalSince(session.authenticatedAt) < Self.freshness
    }

    /// Has somebody show anew who they are.
    private func again(_ request: AuthRequest) -> AuthResponse {
        AuthResponse(
            .seeOther,
            headers: [
                .location: Self.loginPath + "?" + FormText.encode([("again", "1"), ("rd", String(request.path))]),
                .cacheControl: "no-store",
            ])
    }
}
