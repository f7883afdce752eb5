/// The host that a client asked a proxy for, made comparable: without case, final dot and default port.
struct OriginalHost: Hashable {
    let name: String

    /// Reads a host as `Host` has it (RFC 9110, 7.2).
    /// - Returns: nil for what is none.
    init?(_ text: String) {
        var name = text.lowercased()
        for port in [":443", ":80"] where name.hasSuffix(port) { name.removeLast(port.count) }
        if name.hasSuffix(".") { name.removeLast() }
        let isHost = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: "-._:[]".utf8.contains(byte)
            }
        }
        guard !name.isEmpty, isHost else { return nil }
        self.name = name
    }

    /// The host that a trusted proxy tells.
    /// - Returns: nil if it tells none, or two that differ.
    init?(_ request: AuthRequest, _ forwarding: Forwarding) {
        if let original = request.original {
            guard let host = original.host.flatMap({ OriginalHost($0) }) else { return nil }
            self = host
            return
        }
        let fields = request.fields
        var told: [String?] = []
        if forwarding.believes(.forwardedHost) {
            switch fields.value(of: ForwardingField.forwardedHost.rawValue) {
            case .absent: break
            case .single(let host): told.append(host)
            case .repeated: return nil
            }
        }
        // The proxy that asks is the last one.
        if forwarding.believes(.forwarded), let last = ForwardedElement.all(fields).last {
            told.append(last.value(of: "host"))
        }
        if forwarding.believes(.originalURL),
            case .single(let url) = fields.value(of: ForwardingField.originalURL.rawValue)
        {
            told.append(url.split(separator: "/", maxSplits: 2).dropFirst().first.map(String.init))
        }
        let hosts = told.map { $0.flatMap { OriginalHost($0) } }
        guard let first = hosts.first, let first, hosts.allSatisfy({ $0 == first }) else { return nil }
        self = first
    }
}
