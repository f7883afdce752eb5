import Foundation

/// `http.auth.mtls`: what of a client's certificate says who it is.
struct MTLSSection {
    let section: ConfigurationSection

    func read(_ notices: inout [String]) throws(ConfigurationError) -> CertificateRules {
        try section.check(notices: &notices)
        var rules = CertificateRules()
        let names = try section.strings("identityAttributes")
        if !names.isEmpty {
            rules.attributes = []
            for name in names {
                guard let attribute = CertificateRules.Attribute(zot: name) else {
                    throw section.error(
                        "identityAttributes", "must be some of CommonName, Subject, Email, URI, DNSName, not '\(name)'")
                }
                rules.attributes.append(attribute)
            }
        }
        if let pattern = try section.string("uriSanPattern") {
            guard let compiled = try? CertificateRules.compile(pattern), compiled.numberOfCaptureGroups >= 1 else {
                throw section.error("uriSanPattern", "must be a regular expression with one group, the user's name")
            }
            rules.uriPattern = compiled
        }
        rules.uriIndex = try section.integer("uriSanIndex", in: 0...100) ?? 0
        rules.dnsIndex = try section.integer("dnsSanIndex", in: 0...100) ?? 0
        rules.emailIndex = try section.integer("emailSanIndex", in: 0...100) ?? 0
        return rules
    }
}
