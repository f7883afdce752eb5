import Foundation

/// Reads the addresses of providers and issuers.
struct ProviderAddress {
    let section: ConfigurationSection

    /// An address of http or https behind a key.
    /// - Parameters:
    ///   - key: the key.
    ///   - mayHaveQuery: whether a query may stand in it: in endpoints (RFC 6749, 3.1 and 3.2), and never in an issuer (OpenID Connect Core 1.0, 2).
    ///   - notices: takes one if whoever listens on the way may read and change what goes there.
    /// - Returns: nil if the key is missing or empty.
    func read(
        _ key: String, mayHaveQuery: Bool = false, _ notices: inout [String]
    ) throws(ConfigurationError) -> String? {
        guard let text = try section.string(key) else { return nil }
        guard let url = URL(string: text), let scheme = url.scheme?.lowercased(), ["http", "https"].contains(scheme),
            let host = url.host, !host.isEmpty, url.query == nil || mayHaveQuery, url.fragment == nil, url.user == nil
        else {
            // A password that somebody has written before the host is not told, also where it is misspelt.
            let found = text.contains("@") ? "and have no user before the host" : "not '\(text)'"
            throw section.error(key, "must be an address of http or https, \(found)")
        }
        if scheme == "http", !Self.isOwn(host) {
            notices.append(
                "\(section.path).\(key) is \(text), without TLS: whoever is on the way to it can log in as anybody; use https"
            )
        }
        return text
    }

    /// Whether a host is this machine: nobody is on the way to it.
    static func isOwn(_ host: String) -> Bool {
        let host = host.lowercased().trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        return host == "localhost" || host.hasSuffix(".localhost") || host == "::1"
            || host.wholeMatch(of: #/127(?:\.[0-9]{1,3}){3}/#) != nil
    }
}
