import Credentials
import Logging
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
        var limits = ConnectionLimits()
        var speaksHTTP2 = true
        /// Whose connections begin with a header of the PROXY protocol.
        var proxyProtocol = ProxyProtocolPeers()
        /// Who may ask by FastCGI beside this machine.
        var trustedProxies: [IPNetwork] = []
    }

    /// How many requests may have a task at once, over all listeners: some 6 KB each. More than the queues of all lanes together hold, so that a source
    /// that is slow turns its own requests away and not those of others.
    private static let maximumAnswering = 1536
    /// How many connections there may be above the limit while other event loops make room.
    private static let slack = 128
    /// This machine, from which anybody may ask by FastCGI.
    private static let local = ["127.0.0.0/8", "::1/128"].compactMap { IPNetwork($0) }

    private let values: Locked<Values>
    private let limit = RequestLimit(maximum: maximumAnswering)
    private let logger: Logger
    /// The connections of clients.
    let register: ConnectionRegister

    init(_ values: Values, _ register: ConnectionRegister, logger: Logger) {
        self.values = Locked(values)
        (self.register, self.logger) = (register, logger)
    }

    /// Sets up new connections otherwise from now on.
    func replace(_ values: Values) { self.values.withLock { $0 = values } }

    /// Has a client's requests answered, over TLS if the operator has set it: HTTP/1.1 by ``RequestHandler``, HTTP/2 by a ``StreamHandler`` each.
    /// - Parameter loops: what all event loops answer with, of which another may have to make room.
    func setUpClient(_ channel: any Channel, _ answerer: LoopService, _ loops: ServiceSwitch) throws {
        let values = values.withLock { $0 }
        try makeRoom(channel, answerer, values, loops)
        let peer = Self.peer(of: channel)
        guard values.proxyProtocol.contains(peer) else { return try setUp(channel, answerer, values, client: peer) }
        let handler = ProxyProtocolHandler { [self] problem in
            logger.warning(
                "a connection of \(peer.map { "\($0)" } ?? "a Unix socket"), which http.proxyProtocol names, was closed: \(problem)"
            )
        } proceed: { [self] client in
            try setUp(channel, answerer, values, client: client ?? peer)
        }
        try channel.pipeline.syncOperations.addHandler(handler)
    }

    /// Has an operator's requests answered: plain HTTP/1.1, which no flood of clients keeps out.
    func setUpOperator(_ channel: any Channel, _ answerer: LoopService) throws {
        var values = values.withLock { $0 }
        values.tls = nil
        try addHTTP1(channel, answerer, values, client: Self.peer(of: channel))
    }

    private func setUp(_ channel: any Channel, _ answerer: LoopService, _ values: Values, client: IPAddress?) throws {
        if let limit = values.limits.connectionsPerAddress, let client,
            !values.trustedProxies.contains(where: { $0.contains(client) })
        {
            guard register.enter(client, limit: limit) else { throw refuse(.connectionsPerAddress) }
            channel.closeFuture.whenComplete { [register] _ in register.leave(client) }
        }
        let pipeline = channel.pipeline.syncOperations
        if let tls = values.tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
        guard values.speaksHTTP2 else { return try addHTTP1(channel, answerer, values, client: client) }
        let handler = ProtocolHandler(
            isEncrypted: values.tls != nil, answerer.connections, idle: values.timeouts.idle,
            timeout: values.limits.requestTimeout
        ) { [self] isHTTP2, context in
            guard isHTTP2 else { return try addHTTP1(context.channel, answerer, values, client: client) }
            let connection = HTTP2Connection(context.channel, answerer, limit, values, peer: client)
            connection.certificate = ShownCertificate(context)
            try connection.setUp()
        }
        try pipeline.addHandler(handler)
    }

    private func addHTTP1(
        _ channel: any Channel, _ answerer: LoopService, _ values: Values, client: IPAddress?
    ) throws {
        let pipeline = channel.pipeline.syncOperations
        // What is accepted of a header is bounded by the parser's own limits (80 KiB).
        try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)))
        try pipeline.addHandler(
            RequestHandler(answerer, limit: limit, timeouts: values.timeouts, limits: values.limits, peer: client))
    }

    /// Counts a connection; where there are too many, one that waits for its client's next request gives way.
    private func makeRoom(
        _ channel: any Channel, _ answerer: LoopService, _ values: Values, _ loops: ServiceSwitch
    ) throws {
        let count = register.enter()
        channel.closeFuture.whenComplete { [register] _ in register.leave() }
        guard count > values.limits.maximum else { return }
        if answerer.connections.makeRoom() { return register.noteRoom() }
        // None waits on this event loop: it must not be shut because others have taken all there is. Until another has made room, there are some more.
        guard count <= values.limits.maximum + Self.slack else { throw refuse(.connections) }
        loops.makeRoom(elsewhereThan: channel.eventLoop) { [register] in register.noteRoom() }
    }

    private func refuse(_ limit: ConnectionRegister.Limit) -> any Error {
        register.noteRefusal(limit)
        return ChannelError.ioOnClosedChannel
    }

    private static func peer(of channel: any Channel) -> IPAddress? {
        channel.remoteAddress?.ipAddress.flatMap { IPAddress($0) }
    }

    /// Has a web server's questions answered by ``FastCGIHandler``.
    ///
    /// Whoever is there says from where a client comes. So connections are taken over a Unix socket, from this machine, and from trusted proxies.
    func setUpFastCGI(_ channel: any Channel, _ answerer: LoopService) throws {
        let values = values.withLock { $0 }
        if let peer = Self.peer(of: channel),
            !(Self.local + values.trustedProxies).contains(where: { $0.contains(peer) })
        {
            throw ChannelError.ioOnClosedChannel
        }
        try channel.pipeline.syncOperations.addHandler(
            FastCGIHandler(answerer, limit: limit, timeouts: values.timeouts))
    }
}
