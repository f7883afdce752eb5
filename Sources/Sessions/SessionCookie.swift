/// The cookie that holds a session's token (RFC 6265; prefixes: draft-ietf-httpbis-rfc6265bis, 4.1.3).
public struct SessionCookie: Sendable, Hashable {
    /// What a request's cookies say.
    public enum Finding: Sendable {
        /// None that could name a session.
        case none
        /// This one.
        case token(SessionToken)
        /// Several that differ, or one that is no token: none of them counts, as nobody could say whose it is.
        case malformed
    }

    /// Its name.
    public let name: String
    /// The domain that it is for, with all below it; nil for the very host that sets it.
    public let domain: String?
    /// Whether it is sent over TLS alone.
    public let isSecure: Bool

    /// Names a cookie: `__Host-latchkey` over TLS, which no other host can set; `__Secure-latchkey` where it is for several hosts;
    /// `latchkey` without TLS.
    /// - Parameters:
    ///   - domain: the domain that it is for; nil for one host.
    ///   - isSecure: whether clients come over TLS.
    public init(domain: String?, isSecure: Bool) {
        self.init(
            name: !isSecure ? "latchkey" : domain == nil ? "__Host-latchkey" : "__Secure-latchkey", domain: domain,
            isSecure: isSecure)
    }

    /// Names a cookie as somebody else expects it.
    /// - Parameters:
    ///   - name: its name.
    ///   - domain: the domain that it is for; nil for one host.
    ///   - isSecure: whether it is sent over TLS alone.
    public init(name: String, domain: String? = nil, isSecure: Bool) {
        (self.name, self.domain, self.isSecure) = (name, domain, isSecure)
    }

    /// Finds it among a request's cookies.
    ///
    /// A host beside this one can set a cookie of the same name for a common parent, and nobody sees which is whose: then neither counts.
    /// - Parameter fields: the values of the request's `Cookie` fields.
    public func find(in fields: [String]) -> Finding {
        var found: Substring?
        for field in fields {
            for pair in field.split(separator: ";") {
                let pair = pair.drop { $0 == " " || $0 == "\t" }
                guard pair.utf8.starts(with: name.utf8), let mark = pair.utf8.firstIndex(of: UInt8(ascii: "=")),
                    pair[..<mark].utf8.count == name.utf8.count
                else { continue }
                let value = pair[pair.index(after: mark)...]
                guard found == nil || found == value else { return .malformed }
                found = value
            }
        }
        guard let found else { return .none }
        return SessionToken(found).map { .token($0) } ?? .malformed
    }

    /// Whether it is among a request's cookies, whatever it holds.
    /// - Parameter fields: the values of the request's `Cookie` fields.
    public func isIn(_ fields: [String]) -> Bool { if case .none = find(in: fields) { false } else { true } }

    /// The value of `Set-Cookie` that gives a browser its session.
    /// - Parameters:
    ///   - token: the session's token.
    ///   - lifetime: how long the browser keeps it.
    public func setting(_ token: SessionToken, for lifetime: Duration) -> String {
        text(token.text, maxAge: lifetime.components.seconds)
    }

    /// The value of `Set-Cookie` that takes it away.
    public var clearing: String { text("", maxAge: 0) }

    private func text(_ value: String, maxAge: Int64) -> String {
        var text = "\(name)=\(value); Path=/; Max-Age=\(maxAge); HttpOnly; SameSite=Lax"
        if let domain { text += "; Domain=\(domain)" }
        if isSecure { text += "; Secure" }
        return text
    }
}
