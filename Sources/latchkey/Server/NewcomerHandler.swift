import NIOCore

/// Keeps from a connection of HTTP/2 that has asked nothing yet that the server stops, until it has asked or has had its time: told at once (GOAWAY), a
/// client that has just connected would be left with a request that it may not send.
final class NewcomerHandler: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    private let connection: HTTP2Connection
    private var isOver = false
    private var scheduled: Scheduled<Void>?

    init(_ connection: HTTP2Connection) { self.connection = connection }

    func handlerRemoved(context: ChannelHandlerContext) { scheduled?.cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        scheduled?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { context.fireChannelRead(data) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is ChannelShouldQuiesceEvent, !connection.hasAsked, !isOver else {
            return context.fireUserInboundEventTriggered(event)
        }
        connection.isStopping = true
        guard scheduled == nil else { return }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        scheduled = context.eventLoop.scheduleTask(in: ConnectionTimeouts.newcomers) {
            let (handler, context) = bound.value
            handler.isOver = true
            context.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
    }
}
