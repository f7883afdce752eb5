import Credentials
import Foundation
import HTTPTypes
import OpenIDConnect
import Sessions

/// Sessions of browsers: they begin, are listed, and end.
extension AuthService {
    /// Whether zot's page shows a password to be given a session for it.
    func asksForSession(_ request: AuthRequest, _ demand: Demand) -> Bool {
        demand == .login && sessions != nil && request.field(FieldNames.zotClient) != nil
    }

    /// Gives zot's page a session, which shows a password once, and from then on the cookie.
    ///
    /// Nobody gets one by an API key, as in zot: a session would outlive a key that is revoked.
    func beginSession(_ principal: Principal?, _ request: AuthRequest, _ response: AuthResponse) async -> AuthResponse {
        guard let sessions, let principal, principal.method == .password, request.field(FieldNames.zotClient) != nil,
            isFromOwnPage(request)
        else { return response }
        var response = response
        do throws(SourceFailure) {
            try await begin(sessions, principal, request, isZots: true, &response)
            return response
        } catch {
            record(.unavailable(error), user: principal.userName, request)
            return .unavailable()
        }
    }

    /// Begins a session for somebody who has just shown who they are, in the place of the one that their browser has.
    func begin(
        _ sessions: BrowserSessions, _ principal: Principal, _ request: AuthRequest, isZots: Bool,
        authenticatedAt: Date? = nil, provider: ProviderSession? = nil, _ response: inout AuthResponse
    ) async throws(SourceFailure) {
        let (session, token) = try await sessions.manager.begin(
            for: principal, client: forwarding.client(of: request),
            userAgent: request.field(FieldNames.userAgent) ?? "", authenticatedAt: authenticatedAt,
            provider: provider)
        // Each login has a session of its own, and ends those that the browser has, of whatever kind.
        for (old, _) in try await sessions.endAll(of: request, &response) {
            record(.sessionEnded(id: old.id, owner: nil), user: old.owner.userName, request)
        }
        record(.sessionBegun(principal, id: session.id), user: principal.userName, request)
        sessions.give(token, to: principal.userName, isZots: isZots, &response)
    }

    func listSessions(_ request: AuthRequest, _ principal: Principal) async -> AuthResponse {
        await withSessions(request, principal) { (sessions) throws(SourceFailure) in
            let target = await person(request, principal)
            let found = try await sessions.manager.sessions(target.sessions)
            if let name = target.name {
                alert(.administrator(action: "list-sessions", owner: name), user: principal.userName, request)
            }
            return .json(
                .ok,
                SessionListBody(
                    sessions: found.map { SessionBody($0, principal) }, incomplete: target.failure.map { _ in true }))
        }
    }

    func endSessions(_ request: AuthRequest, _ principal: Principal) async -> AuthResponse {
        await withSessions(request, principal) { (sessions) throws(SourceFailure) in
            let target = await person(request, principal)
            let (ids, all) = (request.queryValues("id"), request.queryValues("all"))
            let selection: SessionSelection
            switch (ids.count, all) {
            case (0, ["true"]): selection = target.sessions
            case (1, []):
                guard let id = UUID(uuidString: ids[0]) else { return .notFound("you have no session with this id") }
                selection = target.session(id)
            default: return .badRequest("name the session to end by one parameter, ?id=UUID, or all by ?all=true")
            }
            let ended = try await sessions.manager.end(selection)
            if ended.isEmpty, !ids.isEmpty {
                if let failure = target.failure { throw failure }
                return .notFound("you have no session with this id")
            }
            note(ended, by: principal, target.name, request)
            if ids.isEmpty, let doubt = try await doubt(about: target, ended.count, "sessions") { return doubt }
            return .json(.ok, EndedSessionsBody(ended: ended.map { $0.id.uuidString.lowercased() }))
        }
    }

    /// Ends the sessions of the browser that asks, all that its cookies name. Without one there is nothing to end, and that is no error: zot answers so too.
    func logOut(_ request: AuthRequest) async -> AuthResponse {
        guard let sessions else { return .notFound("there is nothing at this path") }
        var taken = AuthResponse(.ok)
        let ended: [(session: SessionRecord, provider: ProviderSession?)]
        do throws(SourceFailure) {
            ended = try await sessions.endAll(of: request, &taken)
        } catch {
            record(.unavailable(error), user: nil, request)
            return .unavailable()
        }
        let provider = ended.compactMap(\.provider).first
        for (session, _) in ended {
            record(.sessionEnded(id: session.id, owner: nil), user: session.owner.userName, request)
        }
        var response: AuthResponse
        if wantsPage(request) {
            // A form of a page of ours goes on to a page. The provider's own session is left for its user to end: others use it too.
            response =
                await loggedOutPage(request, provider)
                ?? AuthResponse(.seeOther, headers: [.location: Self.loginPath, .cacheControl: "no-store"])
        } else {
            response = .json(.ok, LogoutBody(endSessionUrl: await logoutURL(of: provider, returnTo: "/login")))
        }
        for value in taken.headers[values: .setCookie] {
            response.headers.append(HTTPField(name: .setCookie, value: value))
        }
        return response
    }

    /// Where a browser is sent to end its session at the provider too; zot has the same address in its answer.
    /// - Parameters:
    ///   - session: the session there.
    ///   - path: where the provider sends the browser back to, on this server.
    func logoutURL(of session: ProviderSession?, returnTo path: String) async -> String? {
        guard let logins, let session, let provider = provider(of: session) else { return nil }
        return await provider.logoutURL(returnTo: logins.origin + path, hint: session.idToken)
    }

    /// The provider of a session.
    func provider(of session: ProviderSession) -> IdentityProvider? {
        logins?.providers.first { $0.settings.source == session.source }
    }

    private func note(_ ended: [SessionRecord], by principal: Principal, _ owner: UserName?, _ request: AuthRequest) {
        for session in ended {
            record(.sessionEnded(id: session.id, owner: owner), user: principal.userName, request)
        }
        if let owner {
            alert(.administrator(action: "end-sessions", owner: owner), user: principal.userName, request)
        }
    }

    private func withSessions(
        _ request: AuthRequest, _ principal: Principal,
        _ answer: (BrowserSessions) async throws(SourceFailure) -> AuthResponse
    ) async -> AuthResponse {
        guard let sessions else { return .notFound("there is nothing at this path") }
        do throws(SourceFailure) {
            return try await answer(sessions)
        } catch {
            record(.unavailable(error), user: principal.userName, request)
            return .unavailable()
        }
    }
}
