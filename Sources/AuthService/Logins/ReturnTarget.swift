import Foundation

/// Where a browser goes when it is logged in: somewhere on this server, or at an origin that the operator names, and nowhere else (open
/// redirects: zot's `ValidateCallbackUI`, CVE-2026-26205 is of this class).
struct ReturnTarget: Sendable {
    /// `https://host:port`, with the port always there.
    private let origins: Set<String>
    /// Hosts below which any name will do, as the session's cookie is for all of them.
    private let domain: String?

    /// - Parameters:
    ///   - origins: such as `https://app.example.org`.
    ///   - domain: the domain of the session's cookie; nil if it is for one host.
    init(origins: [String], domain: String? = nil) {
        self.origins = Set(origins.compactMap { Self.origin($0) })
        self.domain = domain
    }

    /// The target that a request names.
    /// - Parameter text: what it names, percent-decoded once.
    /// - Returns: nil if that is no place where a browser may be sent.
    func allowed(_ text: String) -> String? {
        guard !text.isEmpty, text.utf8.count <= 2048, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
            !text.contains("\\"), let decoded = text.removingPercentEncoding,
            // What a browser or a proxy might decode once more must not become another place either.
            !decoded.contains("\\"), !decoded.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
        else { return nil }
        if text.hasPrefix("/") { return text.hasPrefix("//") || decoded.hasPrefix("//") ? nil : text }
        guard let origin = Self.origin(text) else { return nil }
        return origins.contains(origin) || isBelow(origin) ? text : nil
    }

    /// The origin of a target that is allowed, as a content security policy names it; nil for this server.
    static func policySource(of target: String) -> String? { target.hasPrefix("/") ? nil : origin(target) }

    private func isBelow(_ origin: String) -> Bool {
        guard let domain, origin.hasPrefix("https://") else { return false }
        let host = origin.dropFirst(8).prefix { $0 != ":" }
        return origin.hasSuffix(":443") && (host == domain || host.hasSuffix("." + domain))
    }

    /// The origin of an address of http or https, with its port.
    ///
    /// Read by its own strict grammar: where a browser and a library read an address in two ways, it is none.
    private static func origin(_ text: String) -> String? {
        guard
            let match = text.wholeMatch(
                of: #/(?<scheme>https?)://(?<host>[a-z0-9.-]+|\[[0-9a-f:.]+\])(?<port>:[0-9]{1,5})?(?:[/?#].*)?/#
                    .ignoresCase())
        else { return nil }
        let (scheme, host) = (match.output.scheme.lowercased(), match.output.host.lowercased())
        let port = match.output.port.flatMap { Int($0.dropFirst()) } ?? (scheme == "https" ? 443 : 80)
        guard !host.hasPrefix("."), !host.hasSuffix("."), !host.contains(".."), (1...65_535).contains(port) else {
            return nil
        }
        return "\(scheme)://\(host):\(port)"
    }
}
