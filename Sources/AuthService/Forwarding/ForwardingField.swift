/// The header fields in which proxies tell of the request that they were sent.
public enum ForwardingField: String, Sendable, CaseIterable {
    /// nginx, by its configuration.
    case originalMethod = "X-Original-Method"
    /// nginx, by its configuration: path and query.
    case originalURI = "X-Original-URI"
    /// The ingress controller of nginx: the whole address.
    case originalURL = "X-Original-URL"
    /// Caddy and Traefik.
    case forwardedMethod = "X-Forwarded-Method"
    /// `http` or `https`.
    case forwardedProto = "X-Forwarded-Proto"
    /// The host that the client asked for, with its port.
    case forwardedHost = "X-Forwarded-Host"
    /// Caddy and Traefik: path and query.
    case forwardedURI = "X-Forwarded-Uri"
    /// The addresses that the request came through.
    case forwardedFor = "X-Forwarded-For"
    /// RFC 7239.
    case forwarded = "Forwarded"

    /// Whether it is a list, which may go on in a further line (RFC 9110, 5.3).
    var isList: Bool { self == .forwardedFor || self == .forwarded }

    /// How a field is spelled.
    enum Spelling: Sendable {
        case right
        /// With underscores, which some programs take for hyphens (CGI's variables have no others).
        case underscored
    }

    /// Finds a field by its name.
    /// - Returns: nil for every other field.
    static func find(_ name: String) -> (field: ForwardingField, spelling: Spelling)? {
        // Looked at for each field of each request from a proxy: what can't be one of them costs a byte's comparison.
        guard let first = name.utf8.first, first | 0x20 == UInt8(ascii: "x") || first | 0x20 == UInt8(ascii: "f") else {
            return nil
        }
        for (field, lowercased) in names where lowercased.count == name.utf8.count {
            var spelling = Spelling.right
            let isSame = zip(name.utf8, lowercased).allSatisfy { byte, wanted in
                if byte == UInt8(ascii: "_"), wanted == UInt8(ascii: "-") {
                    spelling = .underscored
                    return true
                }
                return (65...90).contains(byte) ? byte | 0x20 == wanted : byte == wanted
            }
            if isSame { return (field, spelling) }
        }
        return nil
    }

    private static let names = allCases.map { ($0, Array($0.rawValue.lowercased().utf8)) }
}
