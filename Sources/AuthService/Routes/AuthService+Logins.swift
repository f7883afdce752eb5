import Credentials
import Foundation
import HTTPTypes
import OpenIDConnect
import Sessions

/// Logins by identity providers: a browser is sent there, and comes back.
extension AuthService {
    /// Sends a browser to a provider.
    func beginLogin(_ request: AuthRequest) async -> AuthResponse {
        let query = LoginQuery(request)
        let names = query.providers
        guard let logins, let sessions, names.count == 1, let provider = logins[names[0]] else {
            let known = (logins?.providers ?? []).map(\.settings.name).joined(separator: ", ")
            return .badRequest("provider must be one of these: \(known)")
        }
        let (isZots, isSecure) = (Self.isZots(request), sessions.cookie.isSecure)
        func login(to target: String) -> PendingLogin {
            PendingLogin(
                provider: provider.settings.name, returnTo: target, isFresh: query.isAgain,
                redirectURL: logins.origin + (isZots ? Self.zotCallback : Self.callback) + provider.settings.name,
                at: .now)
        }
        // A browser drops a cookie that is too long, and the login could not end: then it ends on our page, or on zot's.
        let otherwise = isZots ? "/" : Self.accountPath
        var begun: (login: PendingLogin, cookie: LoginCookie)?
        for target in [returnTarget(of: request, query), otherwise] where begun == nil {
            let login = login(to: target)
            begun = LoginCookie(login, logins, isSecure: isSecure).map { (login, $0) }
        }
        guard let (login, cookie) = begun else { return .unavailable() }
        do throws(LoginProblem) {
            let url = try await provider.authorizationURL(login)
            var response = AuthResponse(.found, headers: [.location: url, .cacheControl: "no-store"])
            for value in cookie.setting(beside: request) {
                response.headers.append(HTTPField(name: .setCookie, value: value))
            }
            return response
        } catch {
            return failed(error, provider, request)
        }
    }

    /// Takes a browser back from a provider, and begins its session.
    func endLogin(_ request: AuthRequest) async -> AuthResponse {
        guard let logins, let sessions, let name = Self.callbackProvider(request.path), let provider = logins[name]
        else {
            return .notFound("there is nothing at this path")
        }
        let states = request.queryValues("state")
        let isSecure = sessions.cookie.isSecure
        let cookie = ProviderLogins.cookieName(ofState: states.first ?? "", isSecure: isSecure)
        let client = forwarding.client(of: request)
        // What tells one way back from another is the login that it ends, and its code.
        let attempt = resolver.admitWayBack(
            Secret((states + request.queryValues("code")).joined(separator: " ")), from: client)
        if let wait = attempt.wait { return tooMany(wait, request) }
        var response: AuthResponse
        let login = states.count == 1 ? openedLogin(logins, cookie, state: states[0], request) : nil
        do throws(LoginProblem) {
            guard let login else { throw .unknownLogin }
            response = try await end(login, provider, logins, request, client)
            attempt.end(response.status == .found || response.status == .created ? true : nil)
        } catch {
            attempt.end(provider.isOfWrongCode(error) ? false : nil)
            response = failed(error, provider, request)
        }
        // What could not be ended, as the store was away or there was no turn, is good when the same address is asked for again.
        let isUnderWay = login.map { logins.isUnderWay($0, at: .now) } ?? false
        if states.count == 1, !isUnderWay {
            response.headers.append(
                HTTPField(name: .setCookie, value: LoginCookie.clearing(cookie, isSecure: isSecure)))
        }
        return response
    }

    /// The login of a cookie. Of several of one name only one can be opened that is of this login, and it is opened once.
    private func openedLogin(
        _ logins: ProviderLogins, _ cookie: String, state: String, _ request: AuthRequest
    ) -> PendingLogin? {
        for value in CookieReader.values(of: cookie, in: request.fields.values(of: FieldNames.cookie)).prefix(4) {
            if let login = logins.open(value, state: state) { return login }
        }
        return nil
    }

    /// Why the provider is not asked about somebody whose turn has come.
    private enum Hindrance: Sendable {
        /// Many have failed where they are, while this one waited.
        case throttled(Duration)
        /// Somebody has come back from that login before.
        case isOver
        case unavailable(SourceFailure)
    }

    /// Has the provider say who has come back.
    private func end(
        _ login: PendingLogin, _ provider: IdentityProvider, _ logins: ProviderLogins, _ request: AuthRequest,
        _ client: IPAddress?
    ) async throws(LoginProblem) -> AuthResponse {
        let found = Locked<Hindrance?>(nil)
        // The login is noted as ended when its turn has come, and not before: whoever gets no turn has lost nothing.
        let identity = try await provider.finish(request.query, login, from: resolver.network(of: client)) {
            let hindrance = await hindrance(to: login, logins, client)
            found.withLock { $0 = hindrance }
            return hindrance == nil
        }
        if let identity { return try await welcome(identity, provider, login, request) }
        switch found.withLock({ $0 }) {
        case .throttled(let wait)?: return tooMany(wait, request)
        case .unavailable(let failure)?: return unavailable(failure, request)
        case .isOver?, nil: throw .unknownLogin
        }
    }

    /// Ends a login, if nothing stands in the way of asking the provider about it.
    private func hindrance(
        to login: PendingLogin, _ logins: ProviderLogins, _ client: IPAddress?
    ) async -> Hindrance? {
        if let wait = resolver.wait(of: client) { return .throttled(wait) }
        do throws(SourceFailure) {
            return try await logins.end(login, at: .now) ? nil : .isOver
        } catch {
            return .unavailable(error)
        }
    }

    /// Tells a browser that too many ways back have failed where it is. The provider is not asked.
    private func tooMany(_ wait: Duration, _ request: AuthRequest) -> AuthResponse {
        record(.throttled(wait), user: nil, request)
        return failurePage(request, .tooManyRequests, "tooMany", .tooManyRequests(after: wait))
    }

    /// Tells a browser that the store is away.
    private func unavailable(_ failure: SourceFailure, _ request: AuthRequest) -> AuthResponse {
        record(.unavailable(failure), user: nil, request)
        return failurePage(request, .serviceUnavailable, "unavailable", .unavailable())
    }

    /// Begins the session of somebody whom a provider has named.
    private func welcome(
        _ identity: ProviderIdentity, _ provider: IdentityProvider, _ login: PendingLogin, _ request: AuthRequest
    ) async throws(LoginProblem) -> AuthResponse {
        guard let sessions else { throw .unknownLogin }
        do throws(SourceFailure) {
            let principal: Principal
            switch try await person(identity, provider) {
            case .success(let found): principal = found
            case .failure(let problem): return failed(problem, provider, request)
            }
            var response: AuthResponse
            if login.returnTo.isEmpty {
                // As zot answers to who has not said where to go.
                response = AuthResponse(.created, headers: [.cacheControl: "no-store"])
            } else {
                response = AuthResponse(.found, headers: [.location: login.returnTo, .cacheControl: "no-store"])
            }
            record(.login(principal), user: principal.userName, request)
            let odd = identity.groups.count - entering(identity.groups).count
            let unusable = "\(odd) group(s) have names that a field or a screen would show as others, and do not count"
            let gaps = identity.gaps + (odd > 0 ? [unusable] : [])
            if !gaps.isEmpty {
                let reason = gaps.joined(separator: "; ")
                record(
                    .loginIncomplete(provider: provider.settings.name, reason: reason), user: principal.userName,
                    request)
            }
            try await begin(
                sessions, principal, request, isZots: Self.isZots(request),
                authenticatedAt: Self.authenticated(identity, provider.settings.kind),
                provider: ProviderSession(
                    source: provider.settings.source, identity: identity.identity, id: identity.session,
                    idToken: identity.idToken), &response)
            return response
        } catch {
            return unavailable(error, request)
        }
    }

    /// When somebody has shown their provider who they are. One that does not tell may have known them from another login, long ago; GitHub
    /// never tells, and can't be asked to ask.
    private static func authenticated(_ identity: ProviderIdentity, _ kind: ProviderSettings.Kind) -> Date? {
        if kind == .github { return nil }
        return identity.authenticated.map { min(.now, Date(timeIntervalSince1970: $0)) } ?? .distantPast
    }

    private func failed(_ problem: LoginProblem, _ provider: IdentityProvider, _ request: AuthRequest) -> AuthResponse {
        record(.loginFailed(provider: provider.settings.name, reason: "\(problem)"), user: nil, request)
        func answer(_ status: HTTPResponse.Status, _ word: String) -> AuthResponse {
            let text = PageWords.languages[0].words[word] ?? ""
            let error: AuthResponse =
                switch status {
                case .serviceUnavailable: .unavailable()
                case .forbidden: ErrorBody.response(.forbidden, "DENIED", text)
                default: ErrorBody.response(.unauthorized, "UNAUTHORIZED", text)
                }
            return failurePage(request, status, word, error)
        }
        return switch problem {
        case .unreachable, .outage, .provider: answer(.serviceUnavailable, "failedDown")
        case .unknownLogin, .mixedUp: answer(.unauthorized, "failedUnknown")
        case .refused, .exchange, .token: answer(.unauthorized, "failedProvider")
        case .noUserName, .noText, .addressWithheld, .emailNotVerified, .badUserName: answer(.forbidden, "failedName")
        case .groupsUnusable: answer(.forbidden, "failedGroups")
        case .notFresh: answer(.forbidden, "failedFresh")
        case .notAllowed, .notMember: answer(.forbidden, "failedNotAllowed")
        case .nameTaken, .nameReserved: answer(.forbidden, "failedTaken")
        case .disabled: answer(.forbidden, "failedDisabled")
        }
    }

    /// Where the browser goes afterwards. Who does not say, or may not go there, comes to the account page; by zot's route to nowhere (empty), or to `/`.
    private func returnTarget(of request: AuthRequest, _ query: LoginQuery) -> String {
        guard let first = query.targets.first, !first.isEmpty else {
            return Self.isZots(request) ? "" : Self.accountPath
        }
        return query.target.flatMap { returnTargets.allowed($0) } ?? (Self.isZots(request) ? "/" : Self.accountPath)
    }

    static let callback = "/auth/callback/"
    static let zotCallback = "/zot/auth/callback/"

    private static func isZots(_ request: AuthRequest) -> Bool { request.path.hasPrefix("/zot/") }

    private static func callbackProvider(_ path: Substring) -> String? {
        for prefix in [callback, zotCallback] where path.hasPrefix(prefix) {
            return String(path.dropFirst(prefix.count))
        }
        return nil
    }
}
