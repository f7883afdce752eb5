import NIOCore
import NIOTLS

/// Finds out whether a client speaks HTTP/2: over TLS it has said so in the handshake (ALPN), else the connection begins with words that no request of
/// HTTP/1.1 does (RFC 9113, 3.4). Then it goes.
final class ProtocolHandler: ChannelInboundHandler, RemovableChannelHandler, GivingWay {
    typealias InboundIn = ByteBuffer

    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    private let isEncrypted: Bool
    private let connections: LoopConnections
    private let idle: TimeAmount
    private let timeout: TimeAmount
    /// Puts what answers into the pipeline.
    private let proceed: (_ isHTTP2: Bool, ChannelHandlerContext) throws -> Void
    private var received = ByteBuffer()
    private var timer = ClosingTimer()
    private var isDone = false
    /// The server stops: whoever comes is told.
    private var isStopping = false
    private var context: ChannelHandlerContext?
    private let begun = ContinuousClock.now
    var place = -1

    /// - Parameters:
    ///   - isEncrypted: whether there is TLS before it.
    ///   - connections: those of the event loop.
    ///   - idle: how long the client may be silent.
    ///   - timeout: how long it may take to say, once it has begun.
    ///   - proceed: sets up the rest of the pipeline.
    init(
        isEncrypted: Bool, _ connections: LoopConnections, idle: TimeAmount, timeout: TimeAmount,
        proceed: @escaping (_ isHTTP2: Bool, ChannelHandlerContext) throws -> Void
    ) {
        self.isEncrypted = isEncrypted
        (self.connections, self.idle, self.timeout) = (connections, idle, timeout)
        self.proceed = proceed
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        connections.add(self)
        timer.start(idle, context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer.stop()
        connections.remove(self)
        self.context = nil
    }

    var waitingSince: ContinuousClock.Instant? { begun }

    func giveWay() { context?.close(promise: nil) }

    func channelInactive(context: ChannelHandlerContext) {
        timer.stop()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDone else { return context.fireChannelRead(data) }
        if received.readableBytes == 0 { timer.start(timeout, context) }
        var part = unwrapInboundIn(data)
        received.writeBuffer(&part)
        guard !isEncrypted else { return }
        let bytes = received.readableBytesView.prefix(Self.preface.count)
        let isLike = bytes.elementsEqual(Self.preface.prefix(bytes.count))
        guard !isLike || bytes.count == Self.preface.count else { return }
        finish(isHTTP2: isLike, nil, context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case TLSUserEvent.handshakeCompleted(let chosen) where !isDone:
            finish(isHTTP2: chosen == "h2", event, context)
        case ChannelEvent.inputClosed where !isDone:
            // Nobody behind it could answer yet.
            context.close(promise: nil)
        case is ChannelShouldQuiesceEvent where !isDone:
            isStopping = true
            timer.start(ConnectionTimeouts.newcomers, context)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if isDone { context.fireErrorCaught(error) } else { context.close(promise: nil) }
    }

    /// - Parameter event: what has said so, for whoever comes.
    private func finish(isHTTP2: Bool, _ event: Any?, _ context: ChannelHandlerContext) {
        isDone = true
        do {
            try proceed(isHTTP2, context)
        } catch {
            return context.close(promise: nil)
        }
        if let event { context.fireUserInboundEventTriggered(event) }
        if isStopping { context.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
        if received.readableBytes > 0 { context.fireChannelRead(NIOAny(received)) }
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
}
