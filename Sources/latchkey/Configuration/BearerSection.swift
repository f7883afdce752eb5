import AuthService
import Credentials
import Foundation
import OpenIDConnect

/// Reads `http.auth.bearer`: tokens that somebody else has signed.
struct BearerSection {
    let section: ConfigurationSection
    let paths: RelativePaths

    /// What an operator says of such tokens.
    struct Settings: Sendable {
        /// An issuer that publishes its keys.
        struct Issuer: Sendable {
            var settings: TokenIssuerSettings
            /// The authority of its TLS certificate, PEM; nil for the system's.
            var authority: String?
        }

        var issuers: [Issuer] = []
        var signer: RegistryTokenSigner?
        var challenge: BearerChallenge?
        /// The files that it names.
        var files: [String] = []
    }

    /// Reads the section.
    /// - Throws: ``ConfigurationError``.
    func read(_ notices: inout [String]) throws(ConfigurationError) -> Settings {
        try section.check(notices: &notices)
        try section.refuse([
            "awsSecretsManager": "keys are not fetched from Amazon; set cert",
            "upstreamTokenEndpoint": "tokens are not handed on; set http.auth.tokens, and Latchkey signs its own",
        ])
        var settings = Settings()
        let (realm, service) = (try section.string("realm"), try section.string("service"))
        let issuer = try section.string("issuer")
        if let path = try section.path("cert", paths) {
            guard let service else {
                throw section.error("service", "is missing: for whom the tokens are, as the registry calls itself")
            }
            guard realm != nil else { throw section.error("realm", "is missing: where clients get the tokens") }
            guard let text = try? String(contentsOf: URL(filePath: path), encoding: .utf8),
                let signer = RegistryTokenSigner(
                    service: service, issuer: issuer.map { Issuer($0) }, key: text)
            else {
                throw section.error(
                    "cert",
                    "names a file that can't be read, or holds no public key (RSA, P-256, P-384, P-521 in PEM, or a JSON Web Key Set): \(path)"
                )
            }
            settings.signer = signer
            settings.files.append(path)
        }
        for issuer in try section.sections("oidc") { settings.issuers.append(try read(issuer, &settings, &notices)) }
        guard settings.signer != nil || !settings.issuers.isEmpty else {
            throw section.error("cert", "is missing, and so is oidc: who signs the tokens")
        }
        // Some write a word here, which is nowhere to go.
        if let realm, let service, ["http", "https"].contains(URL(string: realm)?.scheme ?? "") {
            settings.challenge = BearerChallenge(realm: realm, service: service)
        }
        return settings
    }

    private func read(
        _ section: ConfigurationSection, _ settings: inout Settings, _ notices: inout [String]
    ) throws(ConfigurationError) -> Settings.Issuer {
        try section.check(notices: &notices)
        try section.refuse([
            "skipIssuerVerification":
                "who signs for one issuer would sign for all of them; name the issuer as its metadata does"
        ])
        let addresses = ProviderAddress(section: section)
        guard let text = try addresses.read("issuer", &notices) else {
            throw section.error("issuer", "must be the address by which the issuer names itself")
        }
        let audiences = try section.strings("audiences")
        guard !audiences.isEmpty, audiences.allSatisfy({ !$0.isEmpty }) else {
            throw section.error("audiences", "is missing: a token for somebody else must not be good here")
        }
        var issuer = TokenIssuerSettings(issuer: Issuer(text), audiences: audiences)
        if let claims = try section.section("claimMapping") {
            try claims.check(notices: &notices)
            try claims.refuse([
                "variables": "expressions in CEL are not worked out here; name claims in username and groups",
                "validations": "conditions in CEL can't be checked here; use audiences and accessControl",
            ])
            if let path = try path(claims, "username") { issuer.userName = path }
            issuer.groups = try path(claims, "groups")
        }
        let name = try section.string("name") ?? URL(string: text)?.host ?? text
        guard name.wholeMatch(of: #/[A-Za-z0-9._-]{1,253}/#) != nil else {
            throw section.error(
                "name", "must be of letters, digits, dots, - and _: policies name the issuer's groups by it")
        }
        issuer.naming = try GroupNamingSection(section: section).read(of: GroupName(name))
        issuer.discoveryURL = try addresses.read("discoveryURL", mayHaveQuery: true, &notices)
        let limits = RequiredClaims(section: section)
        issuer.requiredClaims = try limits.read()
        try limits.check(
            who: "\(text) signs for everybody there, and whoever asks it names the audience",
            remedy: "requiredClaims, such as repository_owner: acme of GitHub Actions",
            isLimited: issuer.requiredClaims.keys.contains { !OpenIssuers.isEverybodys($0) })
        let algorithms = try section.strings("algorithms")
        if !algorithms.isEmpty {
            guard algorithms.allSatisfy(SignatureAlgorithms.all.contains) else {
                throw section.error(
                    "algorithms", "must be of \(SignatureAlgorithms.all.sorted().joined(separator: ", "))")
            }
            issuer.algorithms = algorithms
        }
        return .init(
            settings: issuer, authority: try CertificateAuthority(section: section, paths: paths).read(&settings.files))
    }

    private func path(_ claims: ConfigurationSection, _ key: String) throws(ConfigurationError) -> ClaimPath? {
        guard let text = try claims.string(key) else { return nil }
        guard let path = ClaimPath(text) else {
            throw claims.error(
                key, "must be a claim, such as claims.sub: expressions in CEL are not worked out here, not '\(text)'")
        }
        return path
    }
}
