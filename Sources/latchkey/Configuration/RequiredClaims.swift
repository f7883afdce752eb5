import OpenIDConnect

/// Reads who of a provider's people, or of an issuer's programs, may come in at all: `requiredClaims`, `organizations`, `anybody`.
struct RequiredClaims {
    let section: ConfigurationSection

    /// The values that count, by the name of a claim or the path to it.
    func read() throws(ConfigurationError) -> [String: [ClaimValue]] {
        guard let claims = try section.section("requiredClaims") else { return [:] }
        var required: [String: [ClaimValue]] = [:]
        for name in claims.keys {
            let values = try claims.typedValues(name).map { value -> ClaimValue in
                switch value {
                case .text(let text): .text(text)
                case .number(let number): .number(number)
                case .bool(let bool): .bool(bool)
                }
            }
            guard !values.isEmpty else {
                throw claims.error(name, "must be a text, true, false or a number, or a list of them")
            }
            required[name] = values
        }
        return required
    }

    /// Who of a provider's people may log in.
    /// - Parameter settings: what is read of the provider so far; takes what stands in these keys.
    func limit(_ settings: inout ProviderSettings) throws(ConfigurationError) {
        settings.requiredClaims = try read()
        settings.organizations = try section.strings("organizations").filter { !$0.isEmpty }
        let isGitHub = settings.kind == .github
        if isGitHub {
            guard settings.requiredClaims.isEmpty else {
                throw section.error("requiredClaims", "needs OpenID Connect: GitHub has no claims; use organizations")
            }
            guard settings.discoveryURL == nil else {
                throw section.error("discoveryURL", "needs OpenID Connect: of GitHub nothing is discovered")
            }
            guard settings.authenticationTime == .required else {
                throw section.error("authTime", "needs OpenID Connect: each login at GitHub counts as fresh")
            }
        } else if !settings.organizations.isEmpty {
            throw section.error("organizations", "are GitHub's; use requiredClaims")
        }
        let isLimited =
            isGitHub
            ? !settings.organizations.isEmpty
            : settings.requiredClaims.keys.contains { !OpenIssuers.isEverybodys($0) }
        try check(
            who: "anybody can have an account at \(settings.issuer), and could log in here",
            remedy: isGitHub ? "organizations: [acme]" : "requiredClaims, such as hd: example.org at Google",
            isLimited: isLimited || !OpenIssuers.contains(settings))
    }

    /// Refuses to let in the whole world without a word of the operator's.
    /// - Parameters:
    ///   - who: who would come in, for the message.
    ///   - remedy: the keys that say who may, such as `requiredClaims`.
    ///   - isLimited: whether somebody is kept out.
    func check(who: String, remedy: String, isLimited: Bool) throws(ConfigurationError) {
        guard try section.bool("anybody") != true, !isLimited else { return }
        throw section.error("anybody", "is missing: \(who). Name those who may by \(remedy), or say anybody: true")
    }
}
