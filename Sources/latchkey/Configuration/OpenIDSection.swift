import AuthService
import Credentials
import Foundation
import OpenIDConnect

/// Reads `http.auth.openid`: the providers that people log in with.
struct OpenIDSection {
    let section: ConfigurationSection
    let environment: [String: String]
    let paths: RelativePaths

    /// What an operator says of logins.
    struct Settings: Sendable {
        var providers: [ProviderSettings] = []
        /// Where a browser may be sent afterwards, beside this server.
        var returnOrigins: [String] = []
        /// How long a login is good for: keys of people who have not logged in for so long are refused.
        var loginValidFor = Duration.seconds(90 * 86_400)
        /// Who some people of the providers are.
        var links: [LinkedIdentity: String] = [:]
        /// The authorities of providers' certificates, PEM, by the provider's name; none for the system's.
        var authorities: [String: String] = [:]
        /// The files of secrets, keys and certificates that it names.
        var files: [String] = []
    }

    /// Reads the section.
    /// - Throws: ``ConfigurationError``.
    func read(_ notices: inout [String]) throws(ConfigurationError) -> Settings {
        try section.check(notices: &notices)
        var settings = Settings()
        settings.returnOrigins = try section.strings("callbackAllowOrigins")
        for origin in settings.returnOrigins {
            guard ExternalURL.origin(origin) != nil else {
                throw section.error(
                    "callbackAllowOrigins", "must be origins such as https://ui.example.org:8443, not '\(origin)'")
            }
        }
        settings.loginValidFor = try section.duration("loginValidFor") ?? settings.loginValidFor
        guard settings.loginValidFor >= .seconds(3600) else {
            throw section.error("loginValidFor", "must be 1h or more")
        }
        guard let providers = try section.section("providers") else {
            throw section.error("providers", "is missing: who people log in with")
        }
        for (name, section) in try providers.members() {
            guard name.wholeMatch(of: #/[A-Za-z0-9_-]{1,64}/#) != nil else {
                throw providers.error(name, "has a name that can't stand in a path: letters, digits, - and _")
            }
            settings.providers.append(try provider(name, section, &notices))
            settings.authorities[name] = try CertificateAuthority(section: section, paths: paths).read(&settings.files)
            for key in ["clientsecretFile", "credentialsFile", "keypath"] {
                if let path = try section.string(key) { settings.files.append(paths.resolve(path)) }
            }
        }
        settings.links = try links(settings, &notices)
        guard !settings.providers.isEmpty else { throw section.error("providers", "is empty: who people log in with") }
        return settings
    }

    private func links(
        _ settings: Settings, _ notices: inout [String]
    ) throws(ConfigurationError) -> [LinkedIdentity: String] {
        var links: [LinkedIdentity: String] = [:]
        for link in try section.sections("identities") {
            try link.check(notices: &notices)
            guard let provider = try link.string("provider"),
                settings.providers.contains(where: { $0.name == provider })
            else { throw link.error("provider", "must be the name of one of the providers") }
            guard let subject = try link.string("subject") else {
                throw link.error("subject", "is missing: who it is, as the provider names them for ever (sub)")
            }
            guard let user = try link.string("user"),
                CredentialRules.isUserName(user)
            else { throw link.error("user", "must be a user name") }
            guard links.updateValue(user, forKey: LinkedIdentity(provider: provider, subject: subject)) == nil else {
                throw link.error("subject", "stands twice: one person can't be two")
            }
        }
        return links
    }

    private func provider(
        _ name: String, _ section: ConfigurationSection, _ notices: inout [String]
    ) throws(ConfigurationError) -> ProviderSettings {
        try section.check(notices: &notices)
        let kind =
            try section.value("type", "oidc or github") { ProviderSettings.Kind(rawValue: $0.lowercased()) }
            ?? (name.lowercased() == "github" ? .github : .oidc)
        let file = try credentials(section)
        let written = try section.string("clientid")
        guard let clientID = file?.id ?? written else {
            throw section.error(
                "clientid", "is missing: as the provider has registered this server, here or in credentialsFile")
        }
        var authURL = try address(section, "authurl")
        let issuer: String
        switch kind {
        case .github: issuer = authURL.flatMap { ExternalURL.origin(ofAddress: $0) } ?? "https://github.com"
        case .oidc:
            guard let text = try address(section, "issuer") else {
                throw section.error("issuer", "is missing: the address by which the provider names itself")
            }
            issuer = text
        }
        // zot's examples have it empty.
        if authURL?.isEmpty ?? false { authURL = nil }
        let scopes = try section.strings("scopes").filter { !$0.isEmpty }
        var settings = ProviderSettings(
            name: name, displayName: try section.string("name"), kind: kind, issuer: issuer, clientID: clientID,
            authentication: try authentication(section, file?.secret),
            scopes: scopes.isEmpty ? Self.usualScopes(kind) : scopes)
        settings.secretMethod = try section.value(
            "tokenAuthMethod", ProviderSettings.SecretMethod.allCases.map(\.rawValue).joined(separator: " or ")
        ) { ProviderSettings.SecretMethod(rawValue: $0.lowercased()) }
        settings.authorizationURL = authURL
        if let claims = try section.section("requiredClaims") {
            guard kind == .oidc else {
                throw section.error("requiredClaims", "needs OpenID Connect: GitHub has no claims")
            }
            for name in claims.keys {
                settings.requiredClaims[name] = try claims.strings(name)
                guard settings.requiredClaims[name]?.isEmpty == false else {
                    throw claims.error(name, "must be a text, or a list of them")
                }
            }
        }
        settings.logoutRevokesKeys = try section.bool("logoutRevokesKeys") ?? false
        settings.tokenURL = try address(section, "tokenurl")
        guard kind == .oidc || (settings.authorizationURL == nil) == (settings.tokenURL == nil) else {
            throw section.error("authurl", "and tokenurl belong together: of one server")
        }
        if let claims = try section.section("claimMapping") {
            try claims.check(notices: &notices)
            settings.claims.userName = try claims.string("username") ?? settings.claims.userName
            settings.claims.groups = try claims.string("groups") ?? settings.claims.groups
        }
        let algorithms = try section.strings("algorithms")
        if !algorithms.isEmpty {
            guard algorithms.allSatisfy(settings.algorithms.contains) else {
                throw section.error(
                    "algorithms", "must be of \(settings.algorithms.sorted().joined(separator: ", "))")
            }
            settings.algorithms = algorithms
        }
        return settings
    }

    private static func usualScopes(_ kind: ProviderSettings.Kind) -> [String] {
        kind == .github ? ["read:org", "user:email"] : ["openid", "profile", "email", "groups"]
    }

    private func address(_ section: ConfigurationSection, _ key: String) throws(ConfigurationError) -> String? {
        guard let text = try section.string(key) else { return nil }
        guard let url = URL(string: text), ["http", "https"].contains(url.scheme ?? ""), !(url.host ?? "").isEmpty,
            url.query == nil, url.fragment == nil
        else { throw section.error(key, "must be an address of http or https, not '\(text)'") }
        return text
    }

    private func authentication(
        _ section: ConfigurationSection, _ fileSecret: String?
    ) throws(ConfigurationError) -> ProviderSettings.ClientAuthentication {
        if let path = try section.string("keypath").map(paths.resolve) {
            guard let pem = try? String(contentsOf: URL(filePath: path), encoding: .utf8), !pem.isEmpty else {
                throw section.error("keypath", "names a file that can't be read, or is empty: \(path)")
            }
            do throws(ClientKey.Problem) {
                _ = try ClientKey(Secret(pem))
            } catch {
                throw section.error("keypath", "\(error): \(path)")
            }
            return .privateKey(pem: Secret(pem), keyID: try section.string("keyid"))
        }
        let written = try clientSecret(section)
        if let secret = fileSecret ?? written { return .secret(Secret(secret)) }
        return .none
    }

    private func clientSecret(_ section: ConfigurationSection) throws(ConfigurationError) -> String? {
        if let path = try section.string("clientsecretFile").map(paths.resolve) {
            let text = try? String(contentsOf: URL(filePath: path), encoding: .utf8)
            guard let secret = text?.trimmingCharacters(in: .newlines), !secret.isEmpty else {
                throw section.error("clientsecretFile", "names a file that can't be read, or is empty: \(path)")
            }
            return secret
        }
        return try section.string("clientsecret")
    }

    private static let credentialKeys = [
        SchemaKey("clientid", .text, "The client's id."),
        SchemaKey("clientsecret", .text, "Its secret.", isSecret: true),
    ]

    /// zot's file of `clientid` and `clientsecret`.
    private func credentials(
        _ section: ConfigurationSection
    ) throws(ConfigurationError) -> (id: String, secret: String?)? {
        guard let path = try section.string("credentialsFile").map(paths.resolve) else { return nil }
        let file = try ConfigurationFile.section(ofFile: path, .group(Self.credentialKeys))
        var ignored: [String] = []
        try file.check(notices: &ignored)
        guard let id = try file.string("clientid") else {
            throw ConfigurationError(place: path, message: "must have clientid")
        }
        return (id, try file.string("clientsecret"))
    }
}
