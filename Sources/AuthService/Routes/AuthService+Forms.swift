import APIKeys
import Credentials
import Foundation
import HTTPTypes
import Sessions

/// What the forms of the account page and of the administrators' page have in common: they are our own, of this very session, and what they
/// do to keys takes a fresh login.
extension AuthService {
    /// Takes what a form sends.
    /// - Parameters:
    ///   - demand: what the page's route demands.
    ///   - page: the page that it stands on, with what there is to tell.
    ///   - perform: does it; nil from it for what no form of the page sends.
    func act(
        _ demand: Demand, _ request: AuthRequest, _ principal: Principal, _ body: BodyReader,
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
        do {
            guard let token = try await sessions?.token(of: request, principal), isFromOwnPage(request),
                FormToken.isRight(form.token, token)
            else { return await page(["problem": "foreign"], .forbidden) }
            guard let action = form.action else { return await page(["problem": "badForm"], .badRequest) }
            if try await needsLoginAgain(demand, request, principal, action) { return again(request, form) }
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

    /// Has somebody show anew who they are, and leads them back to the page of the person whom the form is about.
    private func again(_ request: AuthRequest, _ form: AccountForm) -> AuthResponse {
        let target = request.path + (form.user.isEmpty ? "" : "?" + FormText.encode([("user", form.user)]))
        return AuthResponse(
            .seeOther,
            headers: [
                .location: Self.loginPath + "?" + FormText.encode([("again", "1"), ("rd", String(target))]),
                .cacheControl: "no-store",
            ])
    }
}
