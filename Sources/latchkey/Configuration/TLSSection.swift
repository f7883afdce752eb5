/// `http.tls`: what the server shows its clients, and what they may show.
struct TLSSection {
    let section: ConfigurationSection
    let paths: RelativePaths

    func read(_ notices: inout [String]) throws(ConfigurationError) -> Configuration.TLS? {
        try section.check(notices: &notices)
        guard let certificate = try section.string("cert") else {
            if try section.string("key") != nil {
                throw section.error("cert", "is missing: a private key needs its certificate")
            }
            if try section.string("cacert") != nil {
                throw section.error("cacert", "needs cert and key: clients show certificates over TLS alone")
            }
            return nil
        }
        guard let key = try section.string("key") else {
            throw section.error("key", "is missing: a certificate needs its private key")
        }
        var tls = Configuration.TLS(
            certificate: section.resolve(certificate, "cert", paths), key: section.resolve(key, "key", paths))
        tls.clientAuthority = try section.path("cacert", paths)
        tls.revocationLists = try section.paths("crl", paths)
        guard tls.revocationLists.isEmpty || tls.clientAuthority != nil else {
            throw section.error("crl", "needs cacert, the authority whose list it is")
        }
        switch try section.string("minimumVersion") {
        case nil, "1.2": break
        case "1.3": tls.minimumVersion = .tls13
        case let other?: throw section.error("minimumVersion", "must be 1.2 or 1.3, not '\(other)'")
        }
        return tls
    }
}
