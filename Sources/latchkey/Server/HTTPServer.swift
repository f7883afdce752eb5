import AuthService
import NIOCore
import NIOExtras
import NIOHTTP1
import NIOPosix
import NIOSSL
import ServiceLifecycle

/// The HTTP server: HTTP/1.1, with or without TLS, each connection's requests answered by ``RequestHandler``.
///
/// When it is told to stop it takes no more connections, answers what has been asked, and closes.
struct HTTPServer: Service {
    /// How many requests may have a task at once: some 6 KB each. More than the queues of all lanes together hold, so that
    /// a source that is slow turns its own requests away and not those of others.
    private static let maximumAnswering = 1536
    /// How many connections may wait to be accepted.
    private static let backlog: Int32 = 4096
    /// The first buffer that a connection reads into, in bytes; it grows with what comes. NIO's own 2 KiB are more than
    /// most requests have, and every idle connection keeps its buffer.
    private static let firstReadBuffer = 512

    private let service: AuthService
    private let listen: Configuration.Listen
    private let tlsContext: NIOSSLContext?
    private let timeouts: ConnectionTimeouts
    private let limit = RequestLimit(maximum: maximumAnswering)
    private let onRunning: @Sendable (String) -> Void

    /// Makes the server.
    /// - Parameters:
    ///   - service: answers the requests.
    ///   - listen: where it listens.
    ///   - tls: the certificate that it shows; nil for plain HTTP.
    ///   - timeouts: how long connections may keep it waiting.
    ///   - onRunning: told the address once the server listens.
    /// - Throws: ``ConfigurationError`` if the certificate or its key can't be used.
    init(
        _ service: AuthService, listen: Configuration.Listen, tls: Configuration.TLS? = nil,
        timeouts: ConnectionTimeouts = .init(), onRunning: @escaping @Sendable (String) -> Void
    ) throws {
        self.service = service
        self.listen = listen
        self.tlsContext = try tls.map { try TLSFiles.context($0) }
        self.timeouts = timeouts
        self.onRunning = onRunning
    }

    /// Serves until a graceful shutdown.
    /// - Throws: what kept it from listening.
    func run() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let loops = EventLoopStorage(group) { service.newLoop() }
        let quiescing = ServerQuiescingHelper(group: group)
        let channel = try await bind(group, loops, quiescing)
        onRunning(describe(channel.localAddress))
        let (quiesced, ended) = (group.next().makePromise(of: Void.self), group.next().makePromise(of: Void.self))
        quiesced.futureResult.cascade(to: ended)
        try await withTaskCancellationHandler {
            try await withGracefulShutdownHandler {
                try await ended.futureResult.get()
            } onGracefulShutdown: {
                quiescing.initiateShutdown(promise: quiesced)
            }
        } onCancel: {
            ended.fail(CancellationError())
        }
    }

    private func bind(
        _ group: any EventLoopGroup, _ loops: EventLoopStorage<AuthLoop>, _ quiescing: ServerQuiescingHelper
    ) async throws -> any Channel {
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: Self.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        quiescing.makeServerChannelHandler(channel: channel))
                }
            }
            // A client that has sent its request and closed its side still gets the answer.
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 64, initial: Self.firstReadBuffer, maximum: 65_536)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try setUp(channel, loops) }
            }
        switch listen {
        case .tcp(let host, let port): return try await bootstrap.bind(host: host, port: port).get()
        case .unix(let path):
            return try await bootstrap.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
        }
    }

    private func setUp(_ channel: any Channel, _ loops: EventLoopStorage<AuthLoop>) throws {
        let pipeline = channel.pipeline.syncOperations
        if let tlsContext { try pipeline.addHandler(NIOSSLServerHandler(context: tlsContext)) }
        // What is accepted of a header is bounded by the parser's own limits (80 KiB).
        try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)))
        try pipeline.addHandler(
            RequestHandler(
                service: service, loop: loops.value(on: channel.eventLoop), limit: limit, timeouts: timeouts))
    }

    private func describe(_ address: SocketAddress?) -> String {
        guard let address, let host = address.ipAddress, let port = address.port else {
            return "unix:\(address?.pathname ?? "")"
        }
        return "\(tlsContext == nil ? "http" : "https")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }
}
