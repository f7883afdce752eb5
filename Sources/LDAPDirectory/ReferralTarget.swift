import Foundation

/// Where a referral leads: an LDAP URL (RFC 4516), as far as it matters here.
struct ReferralTarget: Equatable {
    /// Host and port, in lower case, with the scheme's own port if none is named.
    let address: String
    /// The entry where the search goes on; nil for the same as before.
    let base: String?

    /// Reads a URL.
    /// - Returns: nil if it is none of LDAP's, or names no host.
    init?(_ url: String) {
        guard let (address, rest) = Self.address(of: url) else { return nil }
        self.address = address
        let path = rest.prefix { $0 != "?" }
        base = path.isEmpty ? nil : String(path).removingPercentEncoding
    }

    /// Whether a configured URL is this server's.
    func isServed(by url: String) -> Bool {
        Self.address(of: url)?.0 == address
    }

    private static func address(of url: String) -> (String, Substring)? {
        let ports = ["ldap://": "389", "ldaps://": "636"]
        guard let (scheme, port) = ports.first(where: { url.lowercased().hasPrefix($0.key) }) else { return nil }
        let parts = url.dropFirst(scheme.count).split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let host = parts.first, !host.isEmpty else { return nil }
        let hasPort = host.last != "]" && host.contains(":")
        return (host.lowercased() + (hasPort ? "" : ":\(port)"), parts.count > 1 ? parts[1] : "")
    }
}
