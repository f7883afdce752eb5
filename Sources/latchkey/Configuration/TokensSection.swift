import Foundation
import RegistryTokens

/// `http.auth.tokens`: the tokens that Latchkey signs for registries.
struct TokensSection {
    let section: ConfigurationSection
    let paths: RelativePaths

    func read(_ notices: inout [String]) throws(ConfigurationError) -> Configuration.Tokens {
        try section.check(notices: &notices)
        guard let issuer = try section.string("issuer"), !issuer.isEmpty else {
            throw section.error("issuer", "is missing: the registry's configuration names it too")
        }
        let services = try section.strings("services")
        guard !services.isEmpty, services.allSatisfy({ !$0.isEmpty }) else {
            throw section.error("services", "is missing: the registries that tokens are made for, as each calls itself")
        }
        var options = TokenIssuer.Options(issuer: issuer, services: services)
        options.lifetime = try section.duration("lifetime") ?? options.lifetime
        // Docker takes what is shorter than a minute for a minute.
        guard (Duration.seconds(60)...Duration.seconds(86_400)).contains(options.lifetime) else {
            throw section.error("lifetime", "must be from 1m to 24h")
        }
        options.refreshLifetime = try section.duration("refreshLifetime") ?? options.refreshLifetime
        options.includesCertificate = try section.bool("x5c") ?? false
        var tokens = Configuration.Tokens(options: options)
        tokens.key = try section.path("key", paths)
        tokens.certificate = try section.path("certificate", paths)
        tokens.previousKeys = try section.paths("previousKeys", paths)
        if let name = try section.string("algorithm") {
            guard let algorithm = TokenKey.Algorithm(rawValue: name.uppercased()) else {
                throw section.error("algorithm", "must be ES256 or RS256, not '\(name)'")
            }
            tokens.algorithm = algorithm
        }
        return tokens
    }
}
