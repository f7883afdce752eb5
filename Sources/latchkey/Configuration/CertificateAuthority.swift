import Foundation

/// Reads `certificateAuthority` or `certificateAuthorityFile`: the authority of somebody's TLS certificate, where it is not one of the system's.
struct CertificateAuthority {
    let section: ConfigurationSection
    let paths: RelativePaths

    /// Reads it.
    /// - Parameter files: takes the file that it stands in.
    /// - Returns: certificates in PEM; nil for the system's authorities.
    /// - Throws: ``ConfigurationError``.
    func read(_ files: inout [String]) throws(ConfigurationError) -> String? {
        var pem = try section.string("certificateAuthority")
        var key = "certificateAuthority"
        if let path = try section.path("certificateAuthorityFile", paths) {
            guard pem == nil else {
                throw section.error("certificateAuthorityFile", "stands beside certificateAuthority: keep one")
            }
            guard let text = try? String(contentsOf: URL(filePath: path), encoding: .utf8) else {
                throw section.error("certificateAuthorityFile", "names a file that can't be read: \(path)")
            }
            (pem, key) = (text, "certificateAuthorityFile")
            files.append(path)
        }
        if let pem, ProviderClient.authorities(pem) == nil {
            throw section.error(key, "has no certificate in PEM form")
        }
        return pem
    }
}
