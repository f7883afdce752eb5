import Credentials

/// What is believed of the header fields in which proxies tell of a request.
///
/// Only those of a trusted proxy are, only in their own spelling, and only where it is clear that the proxy wrote them: a client can send each of
/// them too, and most proxies hand on what they do not know (CVE-2026-39858, CVE-2025-48865, CVE-2026-40575 are of this class).
struct Forwarding: Sendable {
    /// The proxies whose fields are believed.
    private let trustedProxies: [IPNetwork]
    /// The fields that the proxies set at each request, as the operator says; empty if they say nothing.
    private let expected: [ForwardingField]

    /// - Parameters:
    ///   - trustedProxies: the proxies whose fields are believed.
    ///   - fields: what they set at each request of forward authentication. No other field is believed then, and a request without one of them is
    ///     refused. Empty to go by what is there.
    init(trustedProxies: [IPNetwork], fields: [ForwardingField] = []) {
        self.trustedProxies = trustedProxies
        expected = fields
    }

    /// Whether a request comes straight from a trusted proxy, whose headers can be believed.
    func isProxy(_ request: AuthRequest) -> Bool {
        if request.original != nil { return true }
        // Only this machine's own processes reach a Unix socket: whoever is there is the proxy.
        return request.peer.map(isTrusted) ?? !trustedProxies.isEmpty
    }

    /// Whether a field is believed of a trusted proxy.
    func believes(_ field: ForwardingField) -> Bool { expected.isEmpty || expected.contains(field) }

    /// What is wrong with what a proxy tells.
    /// - Parameters:
    ///   - request: the request.
    ///   - isForwardAuth: whether the proxy asks on behalf of another request.
    /// - Returns: nil if nothing is, or if it comes from no trusted proxy and nothing of it is believed.
    func problem(with request: AuthRequest, isForwardAuth: Bool) -> String? {
        guard request.original == nil, isProxy(request) else { return nil }
        var (seen, problem): ([ForwardingField], String?) = ([], nil)
        request.fields.forEachName { name in
            guard problem == nil, let (field, spelling) = ForwardingField.find(name) else { return }
            if spelling == .underscored {
                problem = "\(field.rawValue) came with underscores: no proxy writes it so"
            } else if believes(field) {
                if !field.isList, seen.contains(field) { problem = "\(field.rawValue) came twice" }
                seen.append(field)
            }
        }
        if let problem { return problem }
        if isForwardAuth, let missing = expected.first(where: { !seen.contains($0) }) {
            return "the proxy sent no \(missing.rawValue): see http.forwardingFields"
        }
        guard seen.contains(.forwarded), expected.isEmpty else { return nil }
        let other = seen.first { $0 == .forwardedFor || $0 == .forwardedHost || $0 == .forwardedProto }
        return other.map {
            "Forwarded came beside \($0.rawValue): say in http.forwardingFields which of them the proxy writes"
        }
    }

    /// The client's address: the socket's, or, behind a trusted proxy, the last one in the forwarding header that is not
    /// a trusted proxy's itself. Read from the right: what stands on the left may be the client's invention.
    /// - Parameter request: the request.
    /// - Returns: nil for a Unix socket without a forwarding header, or if a trusted proxy named nobody.
    func client(of request: AuthRequest) -> IPAddress? {
        if let original = request.original { return original.client }
        guard isProxy(request) else { return request.peer }
        var client = request.peer
        for hop in hops(request.fields).reversed() {
            guard let address = IPAddress(hop) else { break }
            client = address
            if !isTrusted(address) { break }
        }
        return client
    }

    private func isTrusted(_ address: IPAddress) -> Bool {
        trustedProxies.contains { $0.contains(address) }
    }

    /// The addresses that the proxies put down, first hop first.
    private func hops(_ fields: any RequestFields) -> [String] {
        if believes(.forwarded) {
            let elements = ForwardedElement.all(fields)
            if !elements.isEmpty { return elements.map { $0.value(of: "for") ?? "unknown" } }
        }
        guard believes(.forwardedFor) else { return [] }
        return fields.values(of: ForwardingField.forwardedFor.rawValue).flatMap { $0.split(separator: ",") }.map {
            String($0.trimmingSpaces())
        }
    }
}
