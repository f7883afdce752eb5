import AccessControl

/// The request that a reverse proxy asks about, from the header fields in which it hands method and path on. Only to be read where the
/// proxy is trusted.
struct OriginalRequest {
    let method: String
    let target: String

    /// Reads the fields of nginx (`X-Original-…`) or of Traefik and Caddy (`X-Forwarded-…`).
    /// - Throws: `RegistryRequest.Problem` if there are none, half of them, both, or one of them twice: which of them the proxy wrote
    ///   would be a guess.
    init(_ fields: any RequestFields) throws(RegistryRequest.Problem) {
        let original = try Self.pair(fields, FieldNames.originalMethod, FieldNames.originalURI)
        let forwarded = try Self.pair(fields, FieldNames.forwardedMethod, FieldNames.forwardedURI)
        guard let pair = original ?? forwarded, original == nil || forwarded == nil else {
            throw .init(
                "the proxy must hand on method and path: X-Original-Method and X-Original-URI, or "
                    + "X-Forwarded-Method and X-Forwarded-Uri, and not both")
        }
        (method, target) = pair
    }

    private static func pair(
        _ fields: any RequestFields, _ method: String, _ target: String
    ) throws(RegistryRequest.Problem) -> (String, String)? {
        switch (fields.value(of: method), fields.value(of: target)) {
        case (.absent, .absent): return nil
        case (.single(let method), .single(let target)): return (method, target)
        default: throw .init("\(method) and \(target) must both be there, once each")
        }
    }
}
