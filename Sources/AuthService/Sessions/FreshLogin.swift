import Credentials
import Foundation
import HTTPTypes
import Sessions

/// Where making and ending keys by a browser's session takes a login of the last ten minutes.
public enum FreshLogin: String, Sendable, Hashable, CaseIterable {
    /// On the pages, and at the REST API too.
    case everywhere
    /// On our pages alone: a session manages keys at the REST API however old its login is, as zot's page expects it.
    case pages
}

/// How long ago somebody must have shown who they are, for what a session that was found open must not do: a key outlives the session.
extension AuthService {
    private static let freshness: TimeInterval = 600

    /// Refuses a session whose login is too long ago for what it asks.
    /// - Returns: nil if the handler shall answer.
    func refusalOfStaleLogin(_ route: Route, _ request: AuthRequest, _ principal: Principal) async -> AuthResponse? {
        do throws(SourceFailure) {
            guard try await needsLoginAgain(route.demand, request, principal) else { return nil }
        } catch {
            record(.unavailable(error), user: principal.userName, request)
            return .unavailable()
        }
        let reason = "this takes a login of the last ten minutes"
        counts.countDenied()
        record(.denied(principal, reason: reason), user: principal.userName, request)
        // No challenge: a browser would ask for a password in a window of its own, and 401 would say that the session is over.
        return ErrorBody.response(
            .forbidden, "FRESH_LOGIN_REQUIRED", "\(reason): log in once more, and try again",
            detail: [
                "reason": "fresh-login-required", "login": externalAddress(of: Self.loginPath + "?again=1"),
                "seconds": "\(Int(Self.freshness))",
            ])
    }

    /// Whether what somebody asks takes a fresh login that their session does not have.
    /// - Parameters:
    ///   - demand: what the route demands.
    ///   - action: what a form of a page asks; nil where it is no form.
    func needsLoginAgain(
        _ demand: Demand, _ request: AuthRequest, _ principal: Principal, _ action: AccountForm.Action? = nil
    ) async throws(SourceFailure) -> Bool {
        guard case .session(let id) = principal.method, let sessions,
            demand.takesFreshLogin(isOwn: KeyTarget(request, principal).isOwn, request.method, action, freshLogin)
        else { return false }
        guard let session = try await sessions.manager.sessions(.one(id)).first else { return true }
        return sessions.manager.now.timeIntervalSince(session.authenticatedAt) >= Self.freshness
    }

    /// An address of this server as its clients know it; its path alone where the operator does not say where they come in.
    func externalAddress(of path: String) -> String { (sessions?.externalOrigin?.description ?? "") + path }
}

extension Demand {
    /// Whether a session meets it only by a fresh login.
    /// - Parameters:
    ///   - isOwn: whether it is about the caller's own keys and sessions.
    ///   - action: what a form of a page asks; nil where it is no form.
    fileprivate func takesFreshLogin(
        isOwn: Bool, _ method: HTTPRequest.Method, _ action: AccountForm.Action?, _ rule: FreshLogin
    ) -> Bool {
        switch self {
        case .keyManagement, .keyRotation: rule == .everywhere
        // Ending one's own is what somebody does who has found something odd: nothing may stand in their way.
        case .sessions: !isOwn && method != .get && method != .head
        case .page: action?.needsFreshLogin ?? false
        // All that is done there is done to somebody else.
        case .administration: action != nil
        case .nothing, .anybody, .principal, .login, .resource, .keyListing, .token, .metrics: false
        }
    }
}
