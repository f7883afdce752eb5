import AuthService
import Credentials
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

/// Answers the requests of one connection, and closes it when nothing happens on it.
///
/// A request whose credential is known is answered right on the event loop that it came in on: no suspension, no hop to
/// another thread. Any other gets a task of its own, which ends when the answer is found: a connection that waits, be it for
/// its next request or for the time at which it may be refused, holds no task's memory.
///
/// `HTTPServerPipelineHandler` stands before it, and hands it one request at a time.
final class RequestHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// What stands between the last request and its answer.
    private enum Answering {
        case nothing
        case deciding(Task<Void, Never>)
        /// The answer is known, but must not go out yet.
        case holding(Scheduled<Void>)
    }

    private let service: AuthService
    private let limit: RequestLimit
    private let timeouts: ConnectionTimeouts
    private var reader: RequestReader
    /// Ends the connection if the request does not come, or the answer does not go out, in time.
    private var timer: Scheduled<Void>?
    /// The answer has gone out and the connection ends; what still comes is dropped.
    private var isLingering = false
    private var peer: IPAddress?
    private var lastRead = NIODeadline.now()
    private var idleCheck: Scheduled<Void>?
    private var answering = Answering.nothing

    init(service: AuthService, limit: RequestLimit, timeouts: ConnectionTimeouts) {
        self.service = service
        self.limit = limit
        self.timeouts = timeouts
        reader = RequestReader(bodyLimit: AuthService.maximumBodyLength) { head in
            HTTPRequest.Method(rawValue: head.method.rawValue).map { service.needsBody($0, head.uri) } ?? false
        }
    }

    func handlerAdded(context: ChannelHandlerContext) {
        peer = context.channel.remoteAddress?.ipAddress.flatMap { IPAddress($0) }
        scheduleIdleCheck(context, in: timeouts.idle)
        startTimer(timeouts.read, context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        stop()
    }

    func channelInactive(context: ChannelHandlerContext) {
        stop()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastRead = .now()
        let request = reader.read(unwrapInboundIn(data))
        if isLingering {
            if reader.isFlooded { context.close(promise: nil) }
            return
        }
        if let request { return answer(request, context) }
        if reader.isFlooded { return context.close(promise: nil) }
        if case .head = unwrapInboundIn(data), reader.awaitsContinue {
            context.writeAndFlush(
                wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // Both sides have said all that they will.
        if isLingering, case .some(.inputClosed) = event as? ChannelEvent { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if !isLingering, let request = reader.readComplete() { answer(request, context) }
        context.flush()
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The codec has told the client what is wrong with its request; a connection that broke has nobody to tell.
        context.close(promise: nil)
    }

    private func answer(_ request: RequestReader.Request, _ context: ChannelHandlerContext) {
        startTimer(timeouts.write, context)
        guard let head = try? HTTPRequest(request.head, secure: false, splitCookie: false) else {
            return write(.badRequest("the request can't be read"), to: request.head, keepsAlive: false, context)
        }
        let authRequest = AuthRequest(head, peer: peer)
        if let response = service.answerIfKnown(authRequest) {
            return write(response, to: request.head, keepsAlive: request.head.isKeepAlive, context)
        }
        guard limit.enter() else {
            let response = service.turnAway(authRequest)
            return write(response, to: request.head, keepsAlive: request.head.isKeepAlive, context)
        }
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        let eventLoop = context.eventLoop
        answering = .deciding(
            Task { [service] in
                let held = await service.decide(authRequest) { limit in
                    request.body.flatMap { $0.count <= limit ? $0 : nil }
                }
                eventLoop.execute {
                    let (handler, context) = bound.value
                    // Only now: until the event loop lets go of it, a task that has ended keeps its memory.
                    handler.limit.leave()
                    // Otherwise the client has gone.
                    guard case .deciding = handler.answering else { return }
                    handler.finish(held, request.head, context)
                }
            })
    }

    /// Writes the answer that a task found, once it may go out.
    private func finish(_ held: HeldResponse, _ request: HTTPRequestHead, _ context: ChannelHandlerContext) {
        guard let hold = held.hold, hold.until > .now else {
            answering = .nothing
            write(held.response, to: request, keepsAlive: request.isKeepAlive, context)
            return context.flush()
        }
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        answering = .holding(
            context.eventLoop.scheduleTask(in: TimeAmount(hold.until - .now)) {
                bound.value.handler.finish(held, request, bound.value.context)
            })
    }

    private func write(
        _ response: AuthResponse, to request: HTTPRequestHead, keepsAlive: Bool, _ context: ChannelHandlerContext
    ) {
        var head = response.head
        let keepsAlive = keepsAlive && (reader.isComplete || reader.isWorthDraining)
        if !keepsAlive {
            head.headerFields[.connection] = "close"
        } else if request.version == .http1_0 {
            head.headerFields[.connection] = "keep-alive"
        }
        context.write(wrapOutboundOut(.head(HTTPResponseHead(head))), promise: nil)
        if !response.body.isEmpty, request.method != .HEAD {
            let body = context.channel.allocator.buffer(bytes: response.body)
            context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        }
        if keepsAlive {
            startTimer(timeouts.read, context)
            return context.write(wrapOutboundOut(.end(nil)), promise: nil)
        }
        end(context)
    }

    /// Writes the end of the last answer and ends the connection.
    ///
    /// While a body still comes the connection is only half closed for a moment: the kernel answers what nobody reads with a
    /// reset, which may reach the client before it has read the answer (RFC 9112, 9.6).
    private func end(_ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
            let (handler, context) = bound.value
            guard !handler.reader.isComplete else { return context.close(promise: nil) }
            handler.isLingering = true
            handler.startTimer(Self.lingering, context)
            context.close(mode: .output).whenFailure { _ in bound.value.context.close(promise: nil) }
        }
    }

    /// How long a client may take to see that its connection has ended.
    private static let lingering = TimeAmount.seconds(2)

    /// Closes the connection after a time, unless the timer is started anew; nil stops it.
    private func startTimer(_ time: TimeAmount?, _ context: ChannelHandlerContext) {
        timer?.cancel()
        guard let time else { return timer = nil }
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(in: time) { bound.value.close(promise: nil) }
    }

    private func stop() {
        idleCheck?.cancel()
        timer?.cancel()
        switch answering {
        case .nothing: break
        case .deciding(let task): task.cancel()
        case .holding(let timer): timer.cancel()
        }
        answering = .nothing
    }

    private var isAnswering: Bool {
        if case .nothing = answering { false } else { true }
    }

    /// Closes the connection if no request is being answered and nothing has come for the idle time.
    private func scheduleIdleCheck(_ context: ChannelHandlerContext, in delay: TimeAmount) {
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        idleCheck = context.eventLoop.scheduleTask(in: delay) {
            let (handler, context) = bound.value
            let idle = NIODeadline.now() - handler.lastRead
            if !handler.isAnswering, idle >= handler.timeouts.idle {
                context.close(promise: nil)
            } else {
                let rest = handler.isAnswering ? handler.timeouts.idle : handler.timeouts.idle - idle
                handler.scheduleIdleCheck(context, in: rest)
            }
        }
    }
}
