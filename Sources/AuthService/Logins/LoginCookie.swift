import Credentials
import OpenIDConnect

/// The cookie of a login at a provider that is under way: sealed, of one browser, and short enough for any.
struct LoginCookie {
    /// How long a browser's cookie may be: name, value and the sign between them (RFC 6265, 6.1, counts the attributes too).
    private static let maximumLength = 4096
    /// How many bytes all logins of a browser may take up that are under way. A web server before this one has 8 KiB for a request's line of a
    /// header, and other cookies are in it too.
    private static let maximumTotal = 6144
    /// What the attributes take up at most.
    private static let attributes = 64

    private let name: String
    private let value: String
    private let isSecure: Bool

    /// Seals a login.
    /// - Returns: nil for one that fits into no cookie.
    init?(_ login: PendingLogin, _ logins: ProviderLogins, isSecure: Bool) {
        let name = ProviderLogins.cookieName(ofState: login.state, isSecure: isSecure)
        guard let value = logins.seal(login),
            name.utf8.count + 1 + value.utf8.count + Self.attributes <= Self.maximumLength
        else { return nil }
        (self.name, self.value, self.isSecure) = (name, value, isSecure)
    }

    /// The values of `Set-Cookie` that give it to a browser, and take away the oldest of those that it has, where all together would be too long.
    /// Those logins can't be ended any more.
    func setting(beside request: AuthRequest) -> [String] {
        let prefix = ProviderLogins.cookieName(ofState: "", isSecure: isSecure)
        var earlier = CookieReader.sizes(beginning: prefix, in: request.fields.values(of: FieldNames.cookie))
        var values: [String] = []
        while let oldest = earlier.first,
            earlier.reduce(name.utf8.count + 1 + value.utf8.count, { $0 + $1.bytes + 2 }) > Self.maximumTotal
        {
            earlier.removeFirst()
            values.append(Self.clearing(oldest.name, isSecure: isSecure))
        }
        return values + [Self.text(name, value, maxAge: Int(PendingLogin.lifetime), isSecure: isSecure)]
    }

    /// The value of `Set-Cookie` that takes one away.
    static func clearing(_ name: String, isSecure: Bool) -> String { text(name, "", maxAge: 0, isSecure: isSecure) }

    /// A cookie that no script reads, for this host alone.
    private static func text(_ name: String, _ value: String, maxAge: Int, isSecure: Bool) -> String {
        "\(name)=\(value); Path=/; Max-Age=\(maxAge); HttpOnly; SameSite=Lax" + (isSecure ? "; Secure" : "")
    }
}
