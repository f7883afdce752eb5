import Credentials
import Sessions

/// Reads `http.auth.sessions`: how long browsers stay logged in, and where.
struct SessionsSection {
    let section: ConfigurationSection
    /// Where browsers come in, if the operator says.
    let externalOrigin: WebOrigin?

    /// What an operator says of sessions.
    struct Settings: Sendable {
        /// Nil: where there are API keys, as there is a store then.
        var isEnabled: Bool?
        var options = SessionManager.Options()
        /// The domain that the cookie is for, with all hosts below it; nil for the very host of the login.
        var cookieDomain: String?
        /// Whether browsers come over TLS; nil to go by the server's own and by `externalURL`.
        var isSecure: Bool?
    }

    /// Reads the section.
    /// - Throws: ``ConfigurationError``.
    func read(_ notices: inout [String]) throws(ConfigurationError) -> Settings {
        try section.check(notices: &notices)
        var settings = Settings()
        settings.isEnabled = try section.bool("enabled")
        settings.options.idle = try time("idle") ?? settings.options.idle
        settings.options.lifetime = try time("lifetime") ?? settings.options.lifetime
        guard settings.options.idle <= settings.options.lifetime else {
            throw section.error("idle", "is longer than lifetime, and would never come to pass")
        }
        settings.options.maximumPerOwner =
            try section.integer("maximumPerUser", in: 1...10_000) ?? settings.options.maximumPerOwner
        if let domain = try section.string("cookieDomain") { settings.cookieDomain = try cookieDomain(domain) }
        return settings
    }

    /// What is shorter than uses are written behind would end sessions that are in use.
    private func time(_ key: String) throws(ConfigurationError) -> Duration? {
        guard let duration = try section.duration(key) else { return nil }
        guard (Duration.seconds(300)...Duration.seconds(366 * 86_400)).contains(duration) else {
            throw section.error(key, "must be from 5m to 366d")
        }
        return duration
    }

    private func cookieDomain(_ text: String) throws(ConfigurationError) -> String {
        let domain = (text.hasPrefix(".") ? String(text.dropFirst()) : text).lowercased()
        // Browsers take no cookie for a whole country: a name without a dot is none for several hosts.
        guard domain.wholeMatch(of: #/[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+/#) != nil,
            domain.utf8.count <= 253, WebOrigin(isSecure: true, authority: domain)?.isAddress == false
        else {
            throw section.error("cookieDomain", "must be a domain such as example.org, not '\(text)'")
        }
        // A browser takes a cookie only for a domain that its server lies in (RFC 6265, 5.3.6): nobody could log in.
        if let externalOrigin, !externalOrigin.isWithin(domain) {
            throw section.error(
                "cookieDomain",
                "is '\(domain)', and externalURL's host \(externalOrigin.host) is neither that nor below it: no browser would keep the cookie"
            )
        }
        return domain
    }

    /// What is odd of a cookie for TLS, or for none, where browsers come in otherwise.
    /// - Parameters:
    ///   - isSecure: what `secureSession` says; nil if it is not there.
    ///   - externalOrigin: where browsers come in, if the operator says.
    /// - Returns: nil if nothing is.
    static func notice(isSecure: Bool?, externalOrigin: WebOrigin?) -> String? {
        guard let isSecure, let externalOrigin, isSecure != externalOrigin.isSecure else { return nil }
        return isSecure
            ? "http.auth.secureSession is true, and externalURL is \(externalOrigin): no browser keeps the session's cookie without TLS, so nobody can log in there"
            : "http.auth.secureSession is false, and externalURL is \(externalOrigin): the session's cookie would go without TLS too; leave secureSession out"
    }
}
