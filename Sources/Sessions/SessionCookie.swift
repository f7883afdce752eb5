/// The cookie that holds a session's token (RFC 6265; prefixes: draft-ietf-httpbis-rfc6265bis, 4.1.3).
public struct SessionCookie: Sendable, Hashable {
    /// What a request's cookies of the name hold.
    public struct Finding: Sendable {
        /// Whether there is one at all, whatever it holds.
        public internal(set) var isThere = false
        /// The values that have the form of a token: in the order in which they came, each once, and no more than sixteen of them.
        public internal(set) var tokens: [SessionToken] = []
        /// Whether one of them has another value than the first.
        public internal(set) var hasSeveral = false
    }

    /// Its name.
    public let name: String
    /// The domain that it is for, with all below it; nil for the very host that sets it.
    public let domain: String?
    /// Whether it is sent over TLS alone.
    public let isSecure: Bool
    /// The names that it has, each for a way in which browsers come in.
    package static let (plainName, hostName, domainName) = ("latchkey", "__Host-latchkey", "__Secure-latchkey")
    /// How many tokens are looked at: each costs a look into the store, and anybody can send any number.
    private static let maximumTokens = 16

    /// Names a cookie: `__Host-latchkey` over TLS, which no other host can set; `__Secure-latchkey` where it is for several hosts;
    /// `latchkey` without TLS.
    /// - Parameters:
    ///   - domain: the domain that it is for; nil for one host.
    ///   - isSecure: whether clients come over TLS.
    public init(domain: String?, isSecure: Bool) {
        self.init(
            name: !isSecure ? Self.plainName : domain == nil ? Self.hostName : Self.domainName, domain: domain,
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
    /// A browser may have several of one name: of an earlier domain, or of a host beside this one, which may set one for a common parent.
    /// Nothing tells which is whose (RFC 6265, 5.4), so that all that can be tokens are told, and which of them counts is found out by looking.
    /// - Parameter fields: the values of the request's `Cookie` fields.
    public func find(in fields: [String]) -> Finding {
        var (finding, first): (Finding, Substring?) = (.init(), nil)
        for field in fields {
            for pair in field.utf8.split(separator: UInt8(ascii: ";")) {
                let pair = pair.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
                guard pair.starts(with: name.utf8), case let rest = pair.dropFirst(name.utf8.count),
                    rest.first == UInt8(ascii: "=")
                else { continue }
                let value = Substring(rest.dropFirst())
                finding.isThere = true
                if let first, !first.utf8.elementsEqual(value.utf8) { finding.hasSeveral = true }
                first = first ?? value
                guard finding.tokens.count < Self.maximumTokens, let token = SessionToken(value),
                    !finding.tokens.contains(token)
                else { continue }
                finding.tokens.append(token)
            }
        }
        return finding
    }

    /// The value of `Set-Cookie` that gives a browser its session.
    /// - Parameters:
    ///   - token: the session's token.
    ///   - lifetime: how long the browser keeps it.
    public func setting(_ token: SessionToken, for lifetime: Duration) -> String {
        text(token.text, maxAge: lifetime.components.seconds, domain: domain)
    }

    /// The value of `Set-Cookie` that takes it away.
    public var clearing: String { text("", maxAge: 0, domain: domain) }

    /// The values of `Set-Cookie` that take away what there may be of its name for other hosts and domains than its own: what was set before an
    /// operator changed the domain, or by somebody else. A browser keeps each apart, and passes over those that are not for the host.
    /// - Parameter host: the host that browsers come to; nil if nobody knows.
    public func clearingElsewhere(at host: String?) -> [String] {
        // That prefix is for one host alone, and browsers hold everybody to it.
        guard !name.hasPrefix("__Host-") else { return [] }
        var domains: [String?] = [nil]
        let labels = (host ?? "").split(separator: ".")
        // No browser takes a cookie for a name without a dot.
        if labels.count > 1 { domains += (0...labels.count - 2).map { labels[$0...].joined(separator: ".") } }
        return domains.filter { $0 != domain }.map { text("", maxAge: 0, domain: $0) }
    }

    private func text(_ value: String, maxAge: Int64, domain: String?) -> String {
        var text = "\(name)=\(value); Path=/; Max-Age=\(maxAge); HttpOnly; SameSite=Lax"
        if let domain { text += "; Domain=\(domain)" }
        if isSecure { text += "; Secure" }
        return text
    }
}
