import AuthService
import Credentials
import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Answers requests whose credential is known right on the event loop that they came in on: no suspension, no hop to
/// another thread. All other requests go on to the server behind.
///
/// It stands between the HTTP codec and the server, and sees each request and each answer of one connection in order. It
/// also closes connections on which nothing happens: only it knows of all requests.
final class KnownCredentialHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let service: AuthService
    private let idleTimeout: TimeAmount
    private var flow = RequestFlow()
    private var peer: IPAddress?
    private var lastRead = NIODeadline.now()
    private var idleCheck: Scheduled<Void>?

    init(service: AuthService, idleTimeout: TimeAmount) {
        self.service = service
        self.idleTimeout = idleTimeout
    }

    func handlerAdded(context: ChannelHandlerContext) {
        peer = context.channel.remoteAddress?.ipAddress.flatMap { IPAddress($0) }
        scheduleIdleCheck(context, in: idleTimeout)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        idleCheck?.cancel()
    }

    func channelInactive(context: ChannelHandlerContext) {
        idleCheck?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastRead = .now()
        switch unwrapInboundIn(data) {
        case .head(let head):
            let response = flow.mayAnswer(head) ? service.answerIfKnown(AuthRequest(head, peer: peer)) : nil
            flow.readHead(isAnsweredHere: response != nil)
            guard let response else { return context.fireChannelRead(data) }
            write(response, isHead: head.method == .head, context)
        case .body:
            if flow.readBody() == .forward { context.fireChannelRead(data) }
        case .end:
            if flow.readEnd() == .forward { context.fireChannelRead(data) }
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.flush()
        context.fireChannelReadComplete()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { flow.wroteEnd() }
        context.write(data, promise: promise)
    }

    private func write(_ response: AuthResponse, isHead: Bool, _ context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(.head(response.head)), promise: nil)
        if !response.body.isEmpty, !isHead {
            context.write(wrapOutboundOut(.body(context.channel.allocator.buffer(bytes: response.body))), promise: nil)
        }
        context.write(wrapOutboundOut(.end(nil)), promise: nil)
    }

    /// Closes the connection if no request is being answered and none has come for the idle time.
    private func scheduleIdleCheck(_ context: ChannelHandlerContext, in delay: TimeAmount) {
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        idleCheck = context.eventLoop.scheduleTask(in: delay) {
            let (handler, context) = bound.value
            let idle = NIODeadline.now() - handler.lastRead
            if handler.flow.isIdle, idle >= handler.idleTimeout {
                context.close(promise: nil)
            } else {
                let rest = handler.flow.isIdle ? handler.idleTimeout - idle : handler.idleTimeout
                handler.scheduleIdleCheck(context, in: rest)
            }
        }
    }
}
