import Credentials
import HTTPTypes
public import Sessions

/// Sessions of browsers, as the service has them: their life, and the cookies that hold them.
public struct BrowserSessions: Sendable {
    /// Their life.
    public let manager: SessionManager
    /// The cookie of our own pages.
    let cookie: SessionCookie
    /// zot's name for it, which its page expects.
    let zotCookie: SessionCookie
    /// What zot's page goes by to know that somebody is logged in: their name, for all to read.
    private static let zotUserCookie = "user"
    /// Where clients come in, if the operator says: what a page of our own has as its origin.
    let externalOrigin: String?

    /// Describes the sessions of a service.
    /// - Parameters:
    ///   - manager: their life.
    ///   - cookieDomain: the domain that they are for, with all hosts below it; nil for the very host that a browser logs in at.
    ///   - isSecure: whether browsers come over TLS, to this server or to a proxy before it.
    ///   - externalOrigin: where they come in, such as `https://auth.example.org`; nil to go by the request.
    public init(manager: SessionManager, cookieDomain: String? = nil, isSecure: Bool, externalOrigin: String? = nil) {
        self.manager = manager
        self.externalOrigin = externalOrigin.map(CrossOrigin.normal)
        cookie = SessionCookie(domain: cookieDomain, isSecure: isSecure)
        zotCookie = SessionCookie(name: "session", domain: cookieDomain, isSecure: isSecure)
    }

    /// The session that a request's cookies name; nil if none, or nobody can say which.
    func token(of request: AuthRequest) -> SessionToken? {
        let fields = request.fields.values(of: FieldNames.cookie)
        guard !fields.isEmpty else { return nil }
        switch cookie.find(in: fields) {
        case .token(let token): return token
        // Somebody has put another one beside it: what follows is no better.
        case .malformed: return nil
        case .none: break
        }
        guard isZots(request), case .token(let token) = zotCookie.find(in: fields) else { return nil }
        return token
    }

    /// Whether a request is one of zot's page. Many an application has a cookie of its own that is called `session` too: elsewhere it is
    /// neither read nor taken away.
    private func isZots(_ request: AuthRequest) -> Bool {
        request.path.hasPrefix("/zot/") || request.field(FieldNames.zotClient) != nil
    }

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

    /// Takes the cookies away that a request came with.
    func take(from request: AuthRequest, _ response: inout AuthResponse) {
        let fields = request.fields.values(of: FieldNames.cookie)
        guard !fields.isEmpty else { return }
        if cookie.isIn(fields) { add(cookie.clearing, to: &response) }
        guard isZots(request), zotCookie.isIn(fields) else { return }
        add(zotCookie.clearing, to: &response)
        add("\(Self.zotUserCookie)=; Path=/; Max-Age=0; SameSite=Lax", to: &response)
    }

    private func add(_ value: String, to response: inout AuthResponse) {
        response.headers.append(HTTPField(name: .setCookie, value: value))
    }
}
