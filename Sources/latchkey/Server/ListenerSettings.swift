import Credentials
import NIOCore
import NIOHTTP1
import NIOSSL

/// What new connections are set up with. A reload may change it without a listener that stops: connections that are there stay as they are.
final class ListenerSettings: Sendable {
    /// What may change.
    struct Values: Sendable {
        /// The certificate that clients are shown; nil for plain HTTP.
        var tls: NIOSSLContext?
        var timeouts = ConnectionTimeouts()
        /// Who may ask by FastCGI beside this machine.
        var trustedProxies: [IPNetwork] = []
    }

    /// How many requests may have a task at once, over all listeners: some 6 KB each. More than the queues of all lanes together hold, so that a source
    /// that is slow turns its own requests away and not those of others.
    private static let maximumAnswering = 1536
    /// This machine, from which anybody may ask by FastCGI.
    private static let local = ["127.0.0.0/8", "::1/128"].compactMap { IPNetwork($0) }

    private let values: Locked<Values>
    private let limit = RequestLimit(maximum: maximumAnswering)

    init(_ values: Values) { self.values = Locked(values) }

    /// Sets up new connections otherwise from now on.
    func replace(_ values: Values) { self.values.withLock { $0 = values } }

    /// Whether clients are shown a certificate.
    var hasTLS: Bool { values.withLock { $0.tls != nil } }

    /// Has a connection's requests answered by ``RequestHandler``: HTTP/1.1.
    /// - Parameter isEncrypted: whether there is TLS before it, if the operator has set it.
    func setUpHTTP(_ channel: any Channel, _ answerer: LoopService, isEncrypted: Bool) throws {
        let values = values.withLock { $0 }
        let pipeline = channel.pipeline.syncOperations
        if isEncrypted, let tls = values.tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
        // What is accepted of a header is bounded by the parser's own limits (80 KiB).
        try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)))
        try pipeline.addHandler(RequestHandler(answerer, limit: limit, timeouts: values.timeouts))
    }

    /// Has a web server's questions answered by ``FastCGIHandler``.
    ///
    /// Whoever is there says from where a client comes. So connections are taken over a Unix socket, from this machine, and from trusted proxies.
    func setUpFastCGI(_ channel: any Channel, _ answerer: LoopService) throws {
        let values = values.withLock { $0 }
        if let peer = channel.remoteAddress?.ipAddress.flatMap({ IPAddress($0) }),
            !(Self.local + values.trustedProxies).contains(where: { $0.contains(peer) })
        {
            throw ChannelError.ioOnClosedChannel
        }
        try channel.pipeline.syncOperations.addHandler(
            FastCGIHandler(answerer, limit: limit, timeouts: values.timeouts))
    }
}
