import AuthService
import NIOCore
import NIOExtras
import NIOPosix
import ServiceLifecycle

/// Listens, and has each connection answered by what is set up for it.
///
/// When it is told to stop it takes no more connections, answers what has been asked, and closes.
struct ListeningServer: Service {
    /// How many requests may have a task at once: some 6 KB each. More than the queues of all lanes together hold, so that
    /// a source that is slow turns its own requests away and not those of others.
    private static let maximumAnswering = 1536
    /// How many connections may wait to be accepted.
    private static let backlog: Int32 = 4096
    /// The first buffer that a connection reads into, in bytes; it grows with what comes. NIO's own 2 KiB are more than
    /// most requests have, and every idle connection keeps its buffer.
    private static let firstReadBuffer = 512

    /// Puts what answers it into a connection's pipeline.
    typealias SetUp = @Sendable (any Channel, AuthLoop, RequestLimit) throws -> Void

    private let service: AuthService
    private let listen: Configuration.Listen
    private let scheme: String
    private let setUp: SetUp
    private let limit = RequestLimit(maximum: maximumAnswering)
    private let onRunning: @Sendable (String) -> Void

    /// - Parameters:
    ///   - service: answers the requests.
    ///   - listen: where it listens.
    ///   - scheme: how its addresses are written in the log.
    ///   - onRunning: told the address once the server listens.
    ///   - setUp: puts what answers it into a connection's pipeline, on the connection's event loop.
    init(
        _ service: AuthService, listen: Configuration.Listen, scheme: String,
        onRunning: @escaping @Sendable (String) -> Void, setUp: @escaping SetUp
    ) {
        self.service = service
        self.listen = listen
        self.scheme = scheme
        self.onRunning = onRunning
        self.setUp = setUp
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
                channel.eventLoop.makeCompletedFuture {
                    try setUp(channel, loops.value(on: channel.eventLoop), limit)
                }
            }
        switch listen {
        case .tcp(let host, let port): return try await bootstrap.bind(host: host, port: port).get()
        case .unix(let path):
            return try await bootstrap.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
        }
    }

    private func describe(_ address: SocketAddress?) -> String {
        guard let address, let host = address.ipAddress, let port = address.port else {
            return "unix:\(address?.pathname ?? "")"
        }
        return "\(scheme)://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }
}
