import AccessControl

import Credentials

/// The request that a reverse proxy asks about. Only to be read where the proxy is trusted.
struct OriginalRequest: Sendable {
    let method: String
    /// Path and query.
    let target: String
    /// Where the door itself tells these, and no header field: the host that was asked for, and the client's address.
    private(set) var host: String?
    private(set) var client: IPAddress?

    /// Of Envoy, which asks with the client's own method, and the client's own path at the end of its own.
    init(method: String, target: String) {
        (self.method, self.target) = (method, target)
    }

    /// Of a web server that tells all of it.
    init(method: String, target: String, host: String?, client: IPAddress?) {
        (self.method, self.target, self.host, self.client) = (method, target, host, client)
    }

    /// Reads the fields of nginx (`X-Original-…`) or of Traefik and Caddy (`X-Forwarded-…`).
    /// - Throws: `RegistryRequest.Problem` if there are none, half of them, both, or one of them twice: which of them the proxy wrote
    ///   would be a guess.
    init(_ fields: any RequestFields, _ forwarding: Forwarding) throws(RegistryRequest.Problem) {
        let pairs = [
            try Self.pair(fields, forwarding, .originalMethod, .originalURI),
            try Self.pair(fields, forwarding, .originalMethod, .originalURL),
            try Self.pair(fields, forwarding, .forwardedMethod, .forwardedURI),
        ].compactMap { $0 }
        guard pairs.count == 1 else {
            throw .init(
                "the proxy must hand on method and path: X-Original-Method and X-Original-URI or X-Original-URL, or "
                    + "X-Forwarded-Method and X-Forwarded-Uri, and not both")
        }
        self = pairs[0]
    }

    private static func pair(
        _ fields: any RequestFields, _ forwarding: Forwarding, _ method: ForwardingField, _ target: ForwardingField
    ) throws(RegistryRequest.Problem) -> OriginalRequest? {
        guard forwarding.believes(method), forwarding.believes(target) else { return nil }
        switch (fields.value(of: method.rawValue), fields.value(of: target.rawValue)) {
        case (_, .absent):
            // The method of one pair stands there for the other too; that of the third has its own.
            guard method == .originalMethod || fields.value(of: method.rawValue) == .absent else { break }
            return nil
        case (.single(let method), .single(let text)):
            guard target == .originalURL else { return OriginalRequest(method: method, target: text) }
            guard let path = Self.path(ofURL: text) else {
                throw .init("\(target.rawValue) is no address of http or https")
            }
            return OriginalRequest(method: method, target: path)
        default: break
        }
        throw .init("\(method.rawValue) and \(target.rawValue) must both be there, once each")
    }

    /// Path and query of an address as it stands, with nothing of it decoded.
    private static func path(ofURL text: String) -> String? {
        guard let scheme = ["https://", "http://"].first(where: { text.lowercased().hasPrefix($0) }) else { return nil }
        let rest = text.dropFirst(scheme.count)
        guard let slash = rest.firstIndex(of: "/"), slash != rest.startIndex, !rest.contains("#") else { return nil }
        return rest[..<slash].contains { $0 == "@" || $0 == "?" || $0 == "\\" } ? nil : String(rest[slash...])
    }
}
