import Foundation

/// Where a referral leads: an LDAP URL, as far as it matters here.
struct ReferralTarget: Equatable {
    /// The server.
    let address: ServerAddress
    /// The entry where the search goes on; nil for the same as before.
    let base: String?

    /// Reads a URL.
    /// - Returns: nil if it is none of LDAP's, or names no host.
    init?(_ url: String) {
        guard let address = ServerAddress(url) else { return nil }
        self.address = address
        let name = address.path.prefix { $0 != "?" }
        base = name.isEmpty ? nil : String(name).removingPercentEncoding
    }

    /// Whether a configured URL is this server's.
    func isServed(by url: String) -> Bool {
        ServerAddress(url).map(address.isServer) ?? false
    }
}
