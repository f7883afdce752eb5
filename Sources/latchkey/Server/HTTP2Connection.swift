import Credentials
import NIOCore
import NIOHTTP2

/// What the streams of one connection of HTTP/2 share. Touched by its event loop alone.
final class HTTP2Connection: GivingWay {
    /// How many requests a client may have open at once: as many as browsers and proxies expect.
    static let maximumStreams = 100

    let answerer: LoopService
    let limit: RequestLimit
    let timeouts: ConnectionTimeouts
    let limits: ConnectionLimits
    /// From where the connection comes; nil for a Unix socket.
    let peer: IPAddress?
    var certificate = ShownCertificate()
    var place = -1
    private let channel: any Channel
    private let management: NIOHTTP2ServerConnectionManagementHandler
    private let streams: NIOHTTP2ServerConnectionManagementHandler.HTTP2StreamDelegate
    private var open = 0
    private var requests = 0
    /// Whether a request has come.
    var hasAsked: Bool { requests > 0 }
    /// The server stops, and the client will be told with its first request.
    var isStopping = false
    private var lastRequest = ContinuousClock.now
    private var serial = UInt64.random(in: .min ... .max)

    init(
        _ channel: any Channel, _ answerer: LoopService, _ limit: RequestLimit, _ values: ListenerSettings.Values,
        peer: IPAddress?
    ) {
        (self.channel, self.answerer, self.limit, self.peer) = (channel, answerer, limit, peer)
        (timeouts, limits) = (values.timeouts, values.limits)
        management = NIOHTTP2ServerConnectionManagementHandler(
            eventLoop: channel.eventLoop,
            configuration: .init(
                maxIdleTime: values.timeouts.idle, maxAge: nil, maxGraceTime: .seconds(10), keepalive: nil))
        streams = management.http2StreamDelegate
    }

    var waitingSince: ContinuousClock.Instant? { open > 0 ? nil : lastRequest }

    func giveWay() { channel.close(promise: nil) }

    /// Notes a stream that has begun, or ended.
    ///
    /// The library would tell the one who ends idle connections itself, but tells of a stream that is answered in the turn in which it came as closed
    /// before it tells of it as open (swift-nio-http2 1.46): such a connection would never count as idle.
    func begin(_ stream: any Channel) {
        open += 1
        if let id = Self.id(of: stream) { streams.streamCreated(id, channel: stream) }
    }

    func end(_ stream: any Channel, _ id: HTTP2StreamID?) {
        open -= 1
        if let id { streams.streamClosed(id, channel: stream) }
    }

    static func id(of stream: any Channel) -> HTTP2StreamID? {
        (try? stream.syncOptions?.getOption(HTTP2StreamChannelOptions.streamID)) ?? nil
    }

    /// Counts a request.
    /// - Returns: its number: no two of all connections are the same but by a chance of 1 in 2^64.
    func next() -> UInt64 {
        requests += 1
        lastRequest = .now
        // What is open is answered, and the client told to make another connection (RFC 9113, 6.8).
        if requests == limits.requestsPerConnection || isStopping && requests == 1 {
            channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
        serial &+= 1
        return serial
    }

    /// Puts HTTP/2 into the connection's pipeline.
    /// - Parameter channel: the connection, on its event loop.
    func setUp() throws {
        var settings = NIOHTTP2Handler.ConnectionConfiguration()
        settings.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: Self.maximumStreams),
            HTTP2Setting(parameter: .maxHeaderListSize, value: limits.headerBytes),
        ]
        let pipeline = channel.pipeline.syncOperations
        let bound = NIOLoopBound(self, eventLoop: channel.eventLoop)
        try pipeline.addHandler(NewcomerHandler(self))
        _ = try pipeline.configureHTTP2Pipeline(
            mode: .server, connectionConfiguration: settings, streamConfiguration: .init()
        ) { stream in
            stream.eventLoop.makeCompletedFuture {
                try stream.pipeline.syncOperations.addHandler(StreamHandler(bound.value))
            }
        }
        try pipeline.addHandlers([management, NIOCloseOnErrorHandler()])
        answerer.connections.add(self)
        channel.closeFuture.whenComplete { _ in
            let connection = bound.value
            connection.answerer.connections.remove(connection)
        }
    }
}
