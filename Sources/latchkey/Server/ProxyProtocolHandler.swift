import AuthService
import Credentials
import NIOCore

/// Reads what a proxy says of a connection before its first byte, and goes when it has been read: what follows is the client's.
final class ProxyProtocolHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    /// How long a proxy may take: it sends the header at once.
    private static let patience = TimeAmount.seconds(5)

    /// Puts what answers into the pipeline, once it is known from where the client comes; nil for the proxy itself.
    private let proceed: (IPAddress?) throws -> Void
    private let onProblem: (ProxyProtocolProblem) -> Void
    private var received = ByteBuffer()
    private var timer = ClosingTimer()
    private var isDone = false
    /// The server stops: whoever comes is told.
    private var isStopping = false

    /// - Parameters:
    ///   - onProblem: told why a connection ends that begins otherwise.
    ///   - proceed: sets up the rest of the pipeline.
    init(onProblem: @escaping (ProxyProtocolProblem) -> Void, proceed: @escaping (IPAddress?) throws -> Void) {
        self.onProblem = onProblem
        self.proceed = proceed
    }

    func handlerAdded(context: ChannelHandlerContext) {
        timer.start(Self.patience, context)
    }

    func handlerRemoved(context: ChannelHandlerContext) { timer.stop() }

    func channelInactive(context: ChannelHandlerContext) {
        timer.stop()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // While this handler is being taken away.
        guard !isDone else { return context.fireChannelRead(data) }
        var part = unwrapInboundIn(data)
        received.writeBuffer(&part)
        do {
            guard let header = try ProxyProtocolHeader(received.readableBytesView) else { return }
            isDone = true
            received.moveReaderIndex(forwardBy: header.length)
            try proceed(header.client)
            if isStopping { context.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
        } catch {
            if let problem = error as? ProxyProtocolProblem { onProblem(problem) }
            isDone = true
            return context.close(promise: nil)
        }
        if received.readableBytes > 0 { context.fireChannelRead(NIOAny(received)) }
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
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
}
