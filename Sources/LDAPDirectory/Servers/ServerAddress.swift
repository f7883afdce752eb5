import Foundation

/// Where an LDAP URL (RFC 4516) leads.
struct ServerAddress: Equatable {
    /// The host in lower case; an IPv6 address without its brackets.
    let host: String
    /// The port, the scheme's own if none is named.
    let port: String
    /// What follows the host: the entry, and what a search of it would be.
    let path: Substring

    /// Reads a URL.
    /// - Returns: nil if it is none of LDAP's, or names no host.
    init?(_ url: String) {
        let ports = ["ldap://": "389", "ldaps://": "636"]
        guard let (scheme, usual) = ports.first(where: { url.lowercased().hasPrefix($0.key) }) else { return nil }
        let parts = url.dropFirst(scheme.count).split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let authority = parts.first, !authority.isEmpty else { return nil }
        path = parts.count > 1 ? parts[1] : ""
        let colon = authority.last == "]" ? nil : authority.lastIndex(of: ":")
        port = colon.map { String(authority[authority.index(after: $0)...]) } ?? usual
        host = authority[..<(colon ?? authority.endIndex)].lowercased().trimmingCharacters(in: ["[", "]"])
    }

    /// Whether it is the same server as another one's.
    func isServer(of other: ServerAddress) -> Bool {
        host == other.host && port == other.port
    }
}
