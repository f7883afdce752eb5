import Foundation

/// Where the parts of a GitHub are: github.com, a server of one's own, or GitHub Enterprise Cloud with data residency (`SUBDOMAIN.ghe.com`).
struct GitHubAddresses: Sendable, Hashable {
    /// The origin at which people log in.
    private let base: String
    private let host: String

    /// - Parameter authorizationURL: where people log in, as an operator names it; nil for github.com.
    init(authorizationURL: String?) {
        guard let url = authorizationURL.flatMap({ URL(string: $0) }), let scheme = url.scheme?.lowercased(),
            let host = url.host?.lowercased()
        else {
            (base, host) = ("https://github.com", "github.com")
            return
        }
        let port = url.port.flatMap { $0 == (scheme == "https" ? 443 : 80) ? nil : ":\($0)" } ?? ""
        (base, self.host) = ("\(scheme)://\(host.contains(":") ? "[\(host)]" : host)\(port)", host)
    }

    /// How the authorization server names itself when it sends somebody back (RFC 9207). It is not the issuer of identities, which is older.
    ///
    /// https://docs.github.com/en/apps/github-authentication-discovery-endpoints: `https://github.com/login/oauth`.
    var authorizationServer: String { base + "/login/oauth" }

    /// The base of the API.
    ///
    /// https://docs.github.com/en/enterprise-server@latest/rest/enterprise-admin (a server of one's own: `/api/v3`),
    /// https://docs.github.com/en/enterprise-cloud@latest/admin/data-residency (`https://api.SUBDOMAIN.ghe.com`).
    var api: String {
        if host == "github.com" { return "https://api.github.com" }
        if host.hasSuffix(".ghe.com") { return "https://api.\(host)" }
        return base + "/api/v3"
    }

    /// Whether anybody can have an account there: at a company's own GitHub the company decides.
    var isOpen: Bool { host == "github.com" }
}
