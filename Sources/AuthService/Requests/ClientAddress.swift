import Credentials

/// Finds out from which address a request really comes.
struct ClientAddress: Sendable {
    /// The proxies whose forwarding headers are believed.
    let trustedProxies: [IPNetwork]

    /// The client's address: the socket's, or, behind a trusted proxy, the last one in the forwarding header that is not
    /// a trusted proxy's itself. Read from the right: what stands on the left may be the client's invention.
    /// - Parameter request: the request.
    /// - Returns: nil for a Unix socket without a forwarding header, or if a trusted proxy named nobody.
    func client(of request: AuthRequest) -> IPAddress? {
        guard isProxy(request) else { return request.peer }
        var client = request.peer
        for hop in hops(request.fields).reversed() {
            guard let address = IPAddress(hop) else { break }
            client = address
            if !isTrusted(address) { break }
        }
        return client
    }

    /// Whether a request comes straight from a trusted proxy, whose headers can be believed.
    func isProxy(_ request: AuthRequest) -> Bool {
        // Only this machine's own processes reach a Unix socket: whoever is there is the proxy.
        request.peer.map(isTrusted) ?? !trustedProxies.isEmpty
    }

    private func isTrusted(_ address: IPAddress) -> Bool {
        trustedProxies.contains { $0.contains(address) }
    }

    /// The addresses that the proxies put down, first hop first. RFC 7239's header goes before the older one.
    private func hops(_ fields: any RequestFields) -> [String] {
        let elements = fields.values(of: FieldNames.forwarded)
        if !elements.isEmpty {
            return elements.flatMap { $0.split(separator: ",") }.map { element in
                let pairs = element.split(separator: ";").map { $0.trimmingSpaces() }
                let node = pairs.first { $0.lowercased().hasPrefix("for=") }?.dropFirst(4) ?? "unknown"
                return node.trimmingPrefix("\"").split(separator: "\"").first.map(String.init) ?? ""
            }
        }
        return fields.values(of: FieldNames.forwardedFor).flatMap { $0.split(separator: ",") }.map {
            String($0.trimmingSpaces())
        }
    }
}

extension Substring {
    /// Without the spaces and tabs at both ends.
    func trimmingSpaces() -> Substring {
        var text = drop { $0 == " " || $0 == "\t" }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
