import Credentials

/// Whose connections begin with a header of the PROXY protocol (`http.proxyProtocol`): all of theirs, and nobody else's.
struct ProxyProtocolPeers: Sendable, Equatable {
    var networks: [IPNetwork] = []
    /// Whether those do that come over Unix sockets.
    var unix = false

    /// - Parameter peer: from where a connection comes; nil for a Unix socket.
    func contains(_ peer: IPAddress?) -> Bool {
        guard let peer else { return unix }
        return networks.contains { $0.contains(peer) }
    }
}
