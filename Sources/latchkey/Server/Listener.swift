import NIOCore
import NIOExtras
import NIOPosix

/// A place to listen at, and what is set up for each connection there.
struct Listener: Sendable {
    /// Who is answered there.
    enum Role: Sendable, Hashable {
        case clients
        case operators
        case webServers
    }

    /// What tells a listener from others: one that is wanted again goes on as it is.
    struct Identity: Sendable, Hashable {
        let role: Role
        let listen: Listen
    }

    /// Puts what answers it into a connection's pipeline, on the connection's event loop.
    typealias SetUp = @Sendable (any Channel, LoopService) throws -> Void

    /// How many connections may wait to be accepted.
    private static let backlog: Int32 = 4096
    /// The first buffer that a connection reads into, in bytes; it grows with what comes. NIO's own 2 KiB are more than
    /// most requests have, and every idle connection keeps its buffer.
    private static let firstReadBuffer = 512

    let identity: Identity
    /// What its connections are answered with.
    let answerer: ServiceSwitch
    /// How its addresses are written in the log.
    let scheme: String
    let setUp: SetUp
    /// Told the address once it listens.
    let onRunning: @Sendable (String) -> Void

    /// Listens.
    /// - Throws: what keeps it from listening.
    func start() async throws -> RunningListener {
        let group = MultiThreadedEventLoopGroup.singleton
        let quiescing = ServerQuiescingHelper(group: group)
        let channel: any Channel
        do {
            channel = try await bind(group, quiescing)
        } catch {
            throw ListenError(listen: identity.listen, reason: error)
        }
        onRunning(describe(channel.localAddress))
        return RunningListener(quiescing, on: group.next())
    }

    private func bind(
        _ group: any EventLoopGroup, _ quiescing: ServerQuiescingHelper
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
                    try setUp(channel, answerer.service(on: channel.eventLoop))
                }
            }
        switch identity.listen {
        case .tcp(let host, let port): return try await bootstrap.bind(host: host, port: port).get()
        case .unix(let path, let mode, let group):
            let channel = try await bootstrap.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
            do {
                try UnixSocketFile.admit(path, mode: mode, group: group)
            } catch {
                try? await channel.close()
                throw error
            }
            return channel
        case .inherited(let name):
            return try await bootstrap.withBoundSocket(try InheritedSockets.descriptor(name)).get()
        }
    }

    private func describe(_ address: SocketAddress?) -> String {
        guard let address, let host = address.ipAddress, let port = address.port else {
            return "unix:\(address?.pathname ?? "")"
        }
        return "\(scheme)://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }
}
