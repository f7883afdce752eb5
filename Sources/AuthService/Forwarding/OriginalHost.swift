import Credentials

/// The host that a client asked a proxy for, made comparable: without case, final dot and default port.
struct OriginalHost: Hashable {
    /// What is compared.
    let name: String
    /// The host with the port that was told, whichever it is: what an address is made of.
    let authority: String

    static func == (left: Self, right: Self) -> Bool { left.name.utf8.elementsEqual(right.name.utf8) }
    func hash(into hasher: inout Hasher) { hasher.combine(name) }

    /// Reads a host as `Host` has it (RFC 9110, 7.2).
    /// - Returns: nil for what is none.
    init?(_ text: String) {
        // The dot that ends a whole name (RFC 1034, 3.1) stands before the port.
        let colon = text.utf8.first == UInt8(ascii: "[") ? nil : text.utf8.firstIndex(of: UInt8(ascii: ":"))
        var (name, port) = (text[..<(colon ?? text.endIndex)], colon.map { text[$0...] } ?? "")
        if name.utf8.last == UInt8(ascii: ".") { name = name.dropLast() }
        // An empty port is the default one (RFC 3986, 3.2.3).
        if port.utf8.count == 1 { port = "" }
        guard let (host, number) = WebOrigin.hostAndPort("\(name)\(port)") else { return nil }
        authority = host + (number.map { ":\($0)" } ?? "")
        // Nobody says by which scheme.
        self.name = number == 80 || number == 443 ? host : authority
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
            told.append(WebOrigin(ofAddress: url).map { "\($0.host):\($0.port)" })
        }
        let hosts = told.map { $0.flatMap { OriginalHost($0) } }
        guard let first = hosts.first, let first, hosts.allSatisfy({ $0 == first }) else { return nil }
        self = first
    }
}
