import Credentials
import Foundation
import HTTPTypes
import OpenIDConnect
import Sessions

/// The pages for people with browsers: the login, and who they are.
extension AuthService {
    /// The login page.
    /// - Parameters:
    ///   - message: the word of what is wrong; nil for nothing.
    ///   - userName: what somebody has typed already.
    func loginPage(
        _ request: AuthRequest, status: HTTPResponse.Status = .ok, message: String? = nil, userName: String = "",
        target: String
    ) -> AuthResponse {
        let target = returnTargets.allowed(target) ?? ""
        let isAgain = LoginQuery(request).isAgain
        let message = message ?? (isAgain ? "again" : nil)
        let providers = (logins?.providers ?? []).map { provider in
            [
                "name": provider.settings.displayName,
                "address": Self.loginPath + "?"
                    + FormText.encode(
                        [("provider", provider.settings.name)] + (target.isEmpty ? [] : [("rd", target)])
                            + (isAgain ? [("again", "1")] : [])),
            ]
        }
        var values: [String: Any] = [
            "action": Self.loginPath, "target": target, "userName": userName, "providers": providers,
            "hasProviders": !providers.isEmpty, "takesPasswords": takesPasswords,
        ]
        if let message { values["message"] = message }
        return Page(name: .login, status: status, title: "logIn", values: values).response(to: request, realm: realm)
    }

    /// Begins a login: by a provider if the request names one, else by the page.
    func login(_ request: AuthRequest) async -> AuthResponse {
        let query = LoginQuery(request)
        if let home = leadHome(request, query) { return home }
        guard query.providers.isEmpty else { return await beginLogin(request) }
        var page = loginPage(request, target: query.target ?? "")
        guard !query.isAgain, let sessions else { return page }
        switch await sessions.judge(sessions.tokens(of: request)).verdict {
        case .authenticated:
            // Whoever is logged in, in another tab perhaps, goes on. A redirection, so that a browser tells when two lead to each other.
            guard let target = query.target.flatMap({ returnTargets.allowed($0) }) else { return page }
            return AuthResponse(.seeOther, headers: [.location: target, .cacheControl: "no-store"])
        case .rejected, .unknownUser: sessions.take(from: request, &page)
        case .unavailable: break
        }
        return page
    }

    /// Leads a browser that has come by another name of this server to the one that the operator says: by any other, no form of the page is of this
    /// server, and a provider leads back to another host than the one that has the cookie.
    /// - Returns: nil where it has come by that name, or was led already: a proxy may hide it.
    private func leadHome(_ request: AuthRequest, _ query: LoginQuery) -> AuthResponse? {
        guard let home = sessions?.externalOrigin, !query.isLed, wantsPage(request), let host = host(of: request),
            WebOrigin(isSecure: home.isSecure, authority: host.authority) != home
        else { return nil }
        return AuthResponse(
            .seeOther, headers: [.location: "\(home)\(Self.loginPath)?\(query.led)", .cacheControl: "no-store"])
    }

    /// Leads a browser that has come to another page of ours by another name of this server to the one that the operator says: no form of the page would
    /// be of this server.
    func leadHome(_ request: AuthRequest) -> AuthResponse? {
        guard let home = sessions?.externalOrigin, request.method == .get, wantsPage(request),
            request.queryValues("led").isEmpty, let host = host(of: request),
            WebOrigin(isSecure: home.isSecure, authority: host.authority) != home
        else { return nil }
        let query = request.query.isEmpty ? "led=1" : "\(request.query)&led=1"
        return AuthResponse(
            .seeOther, headers: [.location: "\(home)\(request.path)?\(query)", .cacheControl: "no-store"])
    }

    /// Answers the form of a right password.
    ///
    /// Chromium holds each redirection that follows a form to `form-action`, the application's own to whatever third origin too: a page that goes on by
    /// itself ends that chain. Our own pages lead nowhere, and programs know no such pages.
    private func goOn(_ request: AuthRequest, to target: String) -> AuthResponse {
        guard wantsPage(request), ![Self.accountPath, Self.peoplePath].contains(String(AuthRequest.path(of: target)))
        else { return AuthResponse(.seeOther, headers: [.location: target, .cacheControl: "no-store"]) }
        return Page(name: .goingOn, title: "loggedIn", values: ["refresh": target]).response(to: request, realm: realm)
    }

    /// Takes what the login page's form sends.
    func decideLogin(_ request: AuthRequest, _ route: Route, _ body: BodyReader) async -> HeldResponse {
        let form: LoginForm
        do {
            guard let bytes = try await body(bodyLimit(LoginForm.maximumLength)) else {
                return HeldResponse(loginPage(request, status: .contentTooLarge, message: "incomplete", target: ""))
            }
            form = LoginForm(bytes)
        } catch {
            return HeldResponse(.badRequest("the body could not be read"))
        }
        func page(_ status: HTTPResponse.Status, _ message: String) -> AuthResponse {
            loginPage(
                request, status: status, message: message, userName: form.credential?.userName.text ?? "",
                target: form.target)
        }
        // Somebody else's page must log nobody in, as whoever it is.
        guard isFromOwnPage(request) else { return HeldResponse(page(.forbidden, "foreign")) }
        guard let credential = form.credential, let sessions else {
            return HeldResponse(page(.badRequest, "incomplete"))
        }
        let held = await identified(request, route, .header(.credential(credential))) { principal in
            guard let principal else { return nil }
            guard principal.method == .password else { return page(.forbidden, "key") }
            let target = returnTargets.allowed(form.target) ?? Self.accountPath
            var response = goOn(request, to: target)
            do throws(SourceFailure) {
                try await begin(sessions, principal, request, isZots: false, &response)
                return response
            } catch {
                record(.unavailable(error), user: principal.userName, request)
                return page(.serviceUnavailable, "unavailable")
            }
        }
        let answer: AuthResponse
        switch held.response.status {
        case .unauthorized: answer = page(.unauthorized, "wrong")
        case .tooManyRequests: answer = page(.tooManyRequests, "tooMany").retrying(as: held.response)
        case .serviceUnavailable: answer = page(.serviceUnavailable, "unavailable").retrying(as: held.response)
        default: answer = held.response
        }
        return HeldResponse(answer, hold: held.hold)
    }

    /// Says to a browser that there is nothing at an address; to a program in the registry's form.
    func nothing(at request: AuthRequest, _ error: AuthResponse = .notFound("there is nothing at this path"))
        -> AuthResponse
    {
        guard sessions != nil else { return error }
        let isThere = error.status == .methodNotAllowed
        var response = failurePage(
            request, error.status, isThere ? "noMethod" : "noPage", error, title: "notFound",
            leadsTo: Self.accountPath)
        response.headers[.allow] = error.headers[.allow]
        return response
    }

    /// Says to a browser why something has failed; to a program in the registry's form.
    func failurePage(
        _ request: AuthRequest, _ status: HTTPResponse.Status, _ message: String, _ error: AuthResponse,
        title: String = "loginFailed", leadsTo address: String = Self.loginPath
    ) -> AuthResponse {
        guard wantsPage(request) else { return error }
        let words = PageWords.language(request.field("Accept-Language")).words
        return Page(
            name: .failure, status: status, title: title,
            values: [
                "message": message, "address": address, "request": request.id,
                "link": words[address == Self.loginPath ? "logIn" : "toAccount"] ?? "",
            ]
        ).response(to: request, realm: realm).retrying(as: error)
    }

    /// Says that somebody is logged out here, and offers to end their session at the provider too.
    /// - Returns: nil where there is none, or it can't be ended from here.
    func loggedOutPage(_ request: AuthRequest, _ session: ProviderSession?) async -> AuthResponse? {
        guard let session, let name = provider(of: session)?.settings.displayName,
            let address = await logoutURL(of: session, returnTo: Self.loginPath)
        else { return nil }
        return Page(
            name: .loggedOut, title: "loggedOut",
            values: ["provider": name, "address": address, "login": Self.loginPath]
        ).response(to: request, realm: realm)
    }

    /// Whether whoever asks is a browser that shows the answer to a person.
    func wantsPage(_ request: AuthRequest) -> Bool {
        // What it is for a browser says itself, where it does (Fetch Metadata): a frame navigates too. Over plain http, and of old, none does.
        if let mode = request.field(FieldNames.fetchMode) { return mode == "navigate" || mode == "nested-navigate" }
        if request.field(FieldNames.requestedWith)?.lowercased() == "xmlhttprequest" { return false }
        return (request.field("Accept") ?? "").prefix(1024).lowercased().contains("text/html")
    }

    /// Sends a browser to the login page, and from there back to a page of ours or to what it has asked a proxy for.
    /// - Returns: nil for what is no browser, or where the proxy's rule does not say that it hands this on.
    func redirectToLogin(_ request: AuthRequest, _ demand: Demand) -> AuthResponse? {
        if demand.isForPages {
            // What a form has sent is gone, and can't be asked for again.
            let isPage = request.method == .get && request.path != Self.accountPath.dropLast()
            let path = request.path == Self.peoplePath ? Self.peoplePath : Self.accountPath
            let target = isPage ? request.target : path
            let address = Self.loginPath + "?" + FormText.encode([("rd", target)])
            var response = AuthResponse(.seeOther, headers: [.location: address, .cacheControl: "no-store"])
            sessions?.take(from: request, &response)
            return response
        }
        guard sessions != nil, request.path == RouteTable.verifyPath, forwarding.isProxy(request), wantsPage(request),
            let query = try? VerifyQuery(request.query), query.leadsToLogin
        else { return nil }
        var address = externalAddress(of: Self.loginPath)
        if let original = originalURL(of: request), let target = returnTargets.allowed(original) {
            address += "?" + FormText.encode([("rd", target)])
        }
        return AuthResponse(
            .found, headers: [.location: address, .cacheControl: "no-store", .vary: "Authorization, Cookie"])
    }

    /// The address that a browser has asked a trusted proxy for.
    private func originalURL(of request: AuthRequest) -> String? {
        guard let host = OriginalHost(request, forwarding),
            let original = try? OriginalRequest(request.fields, forwarding),
            original.method == "GET" || original.method == "HEAD"
        else { return nil }
        var isSecure = sessions?.externalOrigin?.isSecure ?? true
        if forwarding.believes(.forwardedProto),
            case .single(let told) = request.fields.value(of: ForwardingField.forwardedProto.rawValue)
        {
            guard told == "http" || told == "https" else { return nil }
            isSecure = told == "https"
        }
        return WebOrigin(isSecure: isSecure, authority: host.authority).map { "\($0)\(original.target)" }
    }

    static let loginPath = "/auth/login"
    static let logoutPath = "/auth/logout"
    static let accountPath = "/auth/"
}

extension AuthResponse {
    /// The same, with what another answer says of when to try again.
    fileprivate func retrying(as other: AuthResponse) -> AuthResponse {
        var response = self
        if let time = other.headers[.retryAfter] { response.headers[.retryAfter] = time }
        return response
    }
}
