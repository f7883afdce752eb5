public import Credentials
import HTTPTypes
public import Sessions

/// Sessions of browsers, as the service has them: their life, and the cookies that hold them.
public struct BrowserSessions: Sendable {
    /// Their life.
    public let manager: SessionManager
    /// The cookie of our own pages.
    let cookie: SessionCookie
    /// Its other names, which it has had before an operator changed how browsers come in. They are not read, but go at a login and a logout.
    private let formerCookies: [SessionCookie]
    /// zot's name for it, which its page expects. It is for the very host: below a domain many an application has a cookie of that name.
    private let zotCookie: SessionCookie
    /// What zot's page goes by to know that somebody is logged in: their name, for all to read.
    private static let zotUserCookie = "user"
    /// Where clients come in, if the operator says: what a page of our own has as its origin.
    let externalOrigin: WebOrigin?

    /// Describes the sessions of a service.
    /// - Parameters:
    ///   - manager: their life.
    ///   - cookieDomain: the domain that they are for, with all hosts below it; nil for the very host that a browser logs in at.
    ///   - isSecure: whether browsers come over TLS, to this server or to a proxy before it.
    ///   - externalOrigin: where they come in, such as `https://auth.example.org`; nil to go by the request.
    public init(
        manager: SessionManager, cookieDomain: String? = nil, isSecure: Bool, externalOrigin: WebOrigin? = nil
    ) {
        self.manager = manager
        self.externalOrigin = externalOrigin
        let cookie = SessionCookie(domain: cookieDomain, isSecure: isSecure)
        self.cookie = cookie
        formerCookies = [
            SessionCookie(name: SessionCookie.hostName, isSecure: true),
            SessionCookie(name: SessionCookie.domainName, domain: cookieDomain, isSecure: true),
            SessionCookie(name: SessionCookie.plainName, domain: cookieDomain, isSecure: false),
        ].filter { $0.name != cookie.name }
        zotCookie = SessionCookie(name: "session", isSecure: isSecure)
    }

    /// The tokens that may name the session of a request: of the cookie, and behind it of zot's where the request is one of zot's page.
    func tokens(of request: AuthRequest) -> [SessionToken] {
        let fields = request.fields.values(of: FieldNames.cookie)
        guard !fields.isEmpty else { return [] }
        let own = cookie.find(in: fields).tokens
        guard isZots(request) else { return own }
        return own + zotCookie.find(in: fields).tokens.filter { !own.contains($0) }
    }

    /// Finds out whose session tokens are.
    ///
    /// The first one that is alive counts. If another one is somebody else's, none does: who it is would be a guess, and a host beside this one can
    /// put its own user's cookie beside another's.
    /// - Parameter tokens: those of a request.
    /// - Returns: whose it is, by which token.
    func judge(_ tokens: [SessionToken]) async -> (verdict: Verdict, token: SessionToken?) {
        var found: (principal: Principal, token: SessionToken)?
        for token in tokens {
            switch await manager.judge(token) {
            case .authenticated(let principal):
                if let found, CredentialOwner(found.principal) != CredentialOwner(principal) {
                    return (.rejected(.unknownSession), nil)
                }
                found = found ?? (principal, token)
            case .unavailable(let failure): return (.unavailable(failure), nil)
            case .rejected, .unknownUser: continue
            }
        }
        return found.map { (.authenticated($0.principal), $0.token) } ?? (.rejected(.unknownSession), nil)
    }

    /// The token of the session by which somebody has come.
    /// - Throws: `SourceFailure` if the store could not look.
    func token(of request: AuthRequest, _ principal: Principal) async throws(SourceFailure) -> SessionToken? {
        guard case .session(let id) = principal.method else { return nil }
        for token in tokens(of: request) where try await manager.id(of: token) == id { return token }
        return nil
    }

    /// Whether a request is one of zot's page. Many an application has a cookie of its own that is called `session` too: elsewhere it is
    /// not read.
    private func isZots(_ request: AuthRequest) -> Bool {
        request.path.hasPrefix("/zot/") || request.field(FieldNames.zotClient) != nil
    }
}

// How they come into a browser, and go.
extension BrowserSessions {
    /// Gives a browser its session.
    /// - Parameter isZots: whether it asked by zot's way in, whose page wants cookies of zot's names.
    func give(_ token: SessionToken, to userName: UserName, isZots: Bool, _ response: inout AuthResponse) {
        let lifetime = manager.options.lifetime
        guard isZots else { return add(cookie.setting(token, for: lifetime), to: &response) }
        add(zotCookie.setting(token, for: lifetime), to: &response)
        // What can't stand in a cookie (RFC 6265, 4.1.1) is percent-encoded.
        let name = FormText.escaped(userName.text, besides: "@+")
        add(
            "\(Self.zotUserCookie)=\(name); Path=/; Max-Age=\(lifetime.components.seconds); SameSite=Lax"
                + (zotCookie.isSecure ? "; Secure" : ""), to: &response)
    }

    /// Ends all sessions that a request's cookies name, of both kinds, and takes those cookies away: at a login, before the new ones are given,
    /// and at a logout.
    /// - Returns: those that ended, each with the session at the provider by which it began.
    /// - Throws: `SourceFailure` if it could not be stored.
    func endAll(
        of request: AuthRequest, _ response: inout AuthResponse
    ) async throws(SourceFailure) -> [(session: SessionRecord, provider: ProviderSession?)] {
        let fields = request.fields.values(of: FieldNames.cookie)
        guard !fields.isEmpty else { return [] }
        var all: [(session: SessionRecord, provider: ProviderSession?)] = []
        for cookie in [cookie] + formerCookies {
            let finding = cookie.find(in: fields)
            all += try await end(finding.tokens)
            if finding.isThere { clear(cookie, &response) }
        }
        let finding = zotCookie.find(in: fields)
        let ended = try await end(finding.tokens)
        // One that names no session of ours may be an application's.
        guard finding.isThere, isZots(request) || !ended.isEmpty else { return all }
        clearZots(&response)
        if !ended.isEmpty, let domain = cookie.domain {
            // As it was set for the whole domain before.
            add(
                SessionCookie(name: zotCookie.name, domain: domain, isSecure: zotCookie.isSecure).clearing,
                to: &response)
        }
        return all + ended
    }

    private func end(
        _ tokens: [SessionToken]
    ) async throws(SourceFailure) -> [(session: SessionRecord, provider: ProviderSession?)] {
        var all: [(session: SessionRecord, provider: ProviderSession?)] = []
        // What names nothing costs a look, and no write.
        for token in tokens where try await manager.id(of: token) != nil {
            let provider = try await manager.providerSession(token)
            all += try await manager.end(.digest(token.digest)).map { ($0, provider) }
        }
        return all
    }

    /// Takes the cookies away that a request came with, which were good for nothing.
    func take(from request: AuthRequest, _ response: inout AuthResponse) {
        let fields = request.fields.values(of: FieldNames.cookie)
        guard !fields.isEmpty else { return }
        if cookie.find(in: fields).isThere { clear(cookie, &response) }
        if isZots(request), zotCookie.find(in: fields).isThere { clearZots(&response) }
    }

    /// Takes away what stood beside the cookie that counted, so that it is the only one from now on.
    ///
    /// Nothing tells for which domain that one is: it is set anew, for the domain that holds now, and what is for any other goes.
    /// - Parameter token: the one that counted.
    func tidy(_ request: AuthRequest, keeping token: SessionToken, _ response: inout AuthResponse) {
        let fields = request.fields.values(of: FieldNames.cookie)
        let (own, zots) = (cookie.find(in: fields), zotCookie.find(in: fields))
        // A login or a logout has said already what there shall be.
        guard !response.headers[values: .setCookie].contains(where: { $0.hasPrefix("\(cookie.name)=") }) else { return }
        if own.tokens.contains(token) {
            guard own.hasSeveral else { return }
            clear(cookie, &response)
            add(cookie.setting(token, for: manager.options.lifetime), to: &response)
        } else if own.isThere {
            clear(cookie, &response)
        }
        if isZots(request), zots.hasSeveral, zots.tokens.contains(token) {
            add(zotCookie.setting(token, for: manager.options.lifetime), to: &response)
        }
    }

    private func clear(_ cookie: SessionCookie, _ response: inout AuthResponse) {
        let host = externalOrigin.flatMap { $0.isAddress ? nil : $0.host }
        for value in cookie.clearingElsewhere(at: host) + [cookie.clearing] { add(value, to: &response) }
    }

    private func clearZots(_ response: inout AuthResponse) {
        add(zotCookie.clearing, to: &response)
        add("\(Self.zotUserCookie)=; Path=/; Max-Age=0; SameSite=Lax", to: &response)
    }

    private func add(_ value: String, to response: inout AuthResponse) {
        response.headers.append(HTTPField(name: .setCookie, value: value))
    }
}
