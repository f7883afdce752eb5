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
        var returnOrigins: [WebOrigin] = []
        /// How long a login is good for: keys of people who have not logged in for so long are refused.
        var loginValidFor = Duration.seconds(90 * 86_400)
        /// Who some people of the providers are.
        var links: [LinkedIdentity: UserName] = [:]
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
        for text in try section.strings("callbackAllowOrigins") {
            guard let origin = WebOrigin(written: text) else {
                throw section.error(
                    "callbackAllowOrigins", "must be origins such as https://ui.example.org:8443, not '\(text)'")
            }
            settings.returnOrigins.append(origin)
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
                if let path = try section.path(key, paths) { settings.files.append(path) }
            }
        }
        settings.links = try links(settings, &notices)
        guard !settings.providers.isEmpty else { throw section.error("providers", "is empty: who people log in with") }
        return settings
    }

    private func links(
        _ settings: Settings, _ notices: inout [String]
    ) throws(ConfigurationError) -> [LinkedIdentity: UserName] {
        var links: [LinkedIdentity: UserName] = [:]
        for link in try section.sections("identities") {
            try link.check(notices: &notices)
            guard let provider = try link.string("provider"),
                settings.providers.contains(where: { $0.name == provider })
            else { throw link.error("provider", "must be the name of one of the providers") }
            guard let subject = try link.string("subject") else {
                throw link.error("subject", "is missing: who it is, as the provider names them for ever (sub)")
            }
            guard let text = try link.string("user") else { throw link.error("user", "is missing: who it is here") }
            guard let user = try? UserName(entering: text) else { throw link.error("user", "must be a user name") }
            let identity = LinkedIdentity(provider: provider, subject: Subject(subject))
            guard links.updateValue(user, forKey: identity) == nil else {
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
        let addresses = ProviderAddress(section: section)
        var authURL = try addresses.read("authurl", mayHaveQuery: true, &notices)
        let issuer: String
        switch kind {
        case .github: issuer = authURL.flatMap { WebOrigin(ofAddress: $0)?.description } ?? "https://github.com"
        case .oidc:
            guard let text = try addresses.read("issuer", &notices) else {
                throw section.error("issuer", "is missing: the address by which the provider names itself")
            }
            issuer = text
        }
        // zot's examples have it empty.
        if authURL?.isEmpty ?? false { authURL = nil }
        let scopes = try section.strings("scopes").filter { !$0.isEmpty }
        var settings = ProviderSettings(
            name: name, displayName: try section.string("name"), kind: kind, issuer: Issuer(issuer), clientID: clientID,
            authentication: try authentication(section, file?.secret),
            scopes: scopes.isEmpty ? Self.usualScopes(kind) : scopes)
        settings.secretMethod = try section.value(
            "tokenAuthMethod", ProviderSettings.SecretMethod.allCases.map(\.rawValue).joined(separator: " or ")
        ) { ProviderSettings.SecretMethod(rawValue: $0.lowercased()) }
        settings.authorizationURL = authURL
        settings.logoutRevokesKeys = try section.bool("logoutRevokesKeys") ?? false
        settings.tokenURL = try addresses.read("tokenurl", mayHaveQuery: true, &notices)
        settings.discoveryURL = try addresses.read("discoveryURL", mayHaveQuery: true, &notices)
        settings.authenticationTime =
            try section.value("authTime", "required or none") {
                ProviderSettings.AuthenticationTime(rawValue: $0.lowercased())
            } ?? settings.authenticationTime
        try RequiredClaims(section: section).limit(&settings)
        guard kind == .oidc || (settings.authorizationURL == nil) == (settings.tokenURL == nil) else {
            throw section.error("authurl", "and tokenurl belong together: of one server")
        }
        settings.namesAreTrusted = try section.bool("trustNames") ?? false
        settings.groupNaming = try GroupNamingSection(section: section).read(of: GroupName(name))
        if let claims = try section.section("claimMapping") {
            try claims.check(notices: &notices)
            settings.claims.userName = try claims.string("username") ?? settings.claims.userName
            // An empty text is the word of somebody who wants no groups.
            settings.claims.groups =
                try claims.string("groups") ?? (claims.has("groups") ? "" : settings.claims.groups)
            settings.claims.areGroupsNamed = claims.has("groups") && !settings.claims.groups.isEmpty
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

    private func authentication(
        _ section: ConfigurationSection, _ fileSecret: String?
    ) throws(ConfigurationError) -> ProviderSettings.ClientAuthentication {
        if let path = try section.path("keypath", paths) {
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
        if let path = try section.path("clientsecretFile", paths) {
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
        guard let path = try section.path("credentialsFile", paths) else { return nil }
        let file = try ConfigurationFile.section(ofFile: path, .group(Self.credentialKeys))
        var ignored: [String] = []
        try file.check(notices: &ignored)
        guard let id = try file.string("clientid") else {
            throw ConfigurationError(place: path, message: "must have clientid")
        }
        return (id, try file.string("clientsecret"))
    }
}
