import AuthService
import Credentials
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOTLS

/// Answers the requests of one connection, in their order, and closes it when nothing happens on it.
///
/// A request whose credential is known is answered right on the event loop that it came in on: no suspension, no hop to
/// another thread. Any other gets a task of its own, which ends when the answer is found: a connection that waits, be it for
/// its next request or for the time at which it may be refused, holds no task's memory.
///
/// It stands right behind NIO's decoder. While a request is being answered, what the client sends next waits here, and no
/// more is read.
final class RequestHandler: ChannelDuplexHandler, RemovableChannelHandler, GivingWay {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    /// Why no further request is answered on this connection.
    private enum Ending {
        /// The client has sent all that it will.
        case inputClosed
        /// The server stops.
        case quiescing
        /// What came is no HTTP.
        case unreadable
    }

    private let answerer: LoopService
    private let limit: RequestLimit
    private let timeouts: ConnectionTimeouts
    private let limits: ConnectionLimits
    private var reader: RequestReader
    /// Whether nothing more is read behind the request that is being answered.
    private var isLastRequest = false
    private var answered = 0
    /// What came while a request was being answered.
    private var waiting = CircularBuffer<HTTPServerRequestPart>(initialCapacity: 0)
    private var isReadWanted = false
    private var ending: Ending?
    /// The answer has gone out and the connection ends; what still comes is dropped.
    private var isLingering = false
    private let pending = PendingAnswer()
    /// Where answers are written, again and again.
    private var output = ByteBuffer()
    /// Ends the connection if the request does not come, or the answer does not go out, in time.
    private var timer = ClosingTimer()
    /// Ends the connection if a request that has begun to come does not end in time.
    private var requestTimer = ClosingTimer()
    /// Whether what was read last was, or ended, a part of a request.
    private var hasReadPart = false
    private let peer: IPAddress?
    private var certificate = ShownCertificate()
    private var lastRead = ContinuousClock.now
    /// When the request had come that is being answered.
    private var arrived = ContinuousClock.now
    private var idleCheck: Scheduled<Void>?
    private var context: ChannelHandlerContext?
    var place = -1

    /// The number of the next request: no two of all connections are the same but by a chance of 1 in 2^64.
    private var serial = UInt64.random(in: .min ... .max)

    /// - Parameters:
    ///   - answerer: what the connection's event loop answers with.
    ///   - limit: how many requests may have a task at once.
    ///   - timeouts: how long the connection may keep the server waiting.
    ///   - limits: what the client may take up.
    ///   - peer: from where the connection comes; nil for a Unix socket.
    init(
        _ answerer: LoopService, limit: RequestLimit, timeouts: ConnectionTimeouts, limits: ConnectionLimits = .init(),
        peer: IPAddress? = nil
    ) {
        self.answerer = answerer
        self.limit = limit
        self.timeouts = timeouts
        self.limits = limits
        self.peer = peer
        reader = RequestReader { head in
            answerer.service.bodyLimit(HTTPRequest.Method(head.method), head.uri)
        }
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        answerer.connections.add(self)
        scheduleIdleCheck(context, in: timeouts.idle)
        timer.start(timeouts.read, context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        stop()
        answerer.connections.remove(self)
        self.context = nil
    }

    var waitingSince: ContinuousClock.Instant? { isAnswering || !waiting.isEmpty ? nil : lastRead }

    func giveWay() { context?.close(promise: nil) }

    func channelInactive(context: ChannelHandlerContext) {
        stop()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastRead = .now
        hasReadPart = true
        let part = unwrapInboundIn(data)
        // The next request waits for the answer to this one; the rest of this one's body does not.
        guard reader.isComplete, isAnswering || !waiting.isEmpty else { return take(part, context) }
        waiting.append(part)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        readComplete(context)
        watchRequest(context)
        // There is nobody behind this handler to tell.
        context.flush()
    }

    func read(context: ChannelHandlerContext) {
        guard isAnswering && reader.isComplete || !waiting.isEmpty else { return context.read() }
        isReadWanted = true
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A connection that broke has nobody to tell.
        guard error is HTTPParserError else { return context.close(promise: nil) }
        end(.unreadable, context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            // Both sides have said all that they will.
            if isLingering { context.close(promise: nil) } else { end(.inputClosed, context) }
        case is ChannelShouldQuiesceEvent: end(.quiescing, context)
        case TLSUserEvent.handshakeCompleted:
            certificate = ShownCertificate(context)
            // What was read was no request's.
            hasReadPart = true
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// Ends a request that has begun and does not come whole in time: a client that sends a byte now and then must not keep its place.
    private func watchRequest(_ context: ChannelHandlerContext) {
        defer { hasReadPart = false }
        // Bytes that were no part of a request are those of a head that is not whole.
        let isComing = !isAnswering && waiting.isEmpty && !isLingering && !(hasReadPart && reader.isComplete)
        guard isComing else { return requestTimer.stop() }
        if !requestTimer.isRunning { requestTimer.start(limits.requestTimeout, context) }
    }

    private func take(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        let request = reader.read(RequestTarget.normalized(part))
        if reader.isFlooded { return context.close(promise: nil) }
        guard !isLingering else {
            // All of it has come: nothing is left that a reset could answer.
            if reader.isComplete { context.close(promise: nil) }
            return
        }
        if let request { return answer(request, context) }
        if case .head = part, reader.awaitsContinue {
            context.writeAndFlush(wrapOutboundOut(.byteBuffer(ResponseWriter.goOn)), promise: nil)
        }
    }

    private func readComplete(_ context: ChannelHandlerContext) {
        guard !isLingering, !isAnswering, let request = reader.readComplete() else { return }
        answer(request, context)
    }

    /// Goes on with what came meanwhile, after an answer that took its time.
    private func resume(_ context: ChannelHandlerContext) {
        while !isAnswering, !isLingering, let part = waiting.popFirst() { take(part, context) }
        if waiting.isEmpty { readComplete(context) }
        context.flush()
        guard !isAnswering, waiting.isEmpty else { return }
        if let ending { return end(ending, context) }
        if isReadWanted {
            isReadWanted = false
            context.read()
        }
    }

    /// Ends the connection once what has been asked is answered.
    private func end(_ reason: Ending, _ context: ChannelHandlerContext) {
        if ending == nil { ending = reason }
        guard !isAnswering, waiting.isEmpty, !isLingering else { return }
        switch reason {
        case .unreadable:
            let response = AuthResponse.badRequest("the request is not HTTP/1.1 as RFC 9112 has it")
            write(response, isBodyWanted: true, .closing, context)
            context.flush()
            context.close(promise: nil)
        case .inputClosed: context.close(promise: nil)
        case .quiescing:
            // A request that is still coming is answered first, its head too.
            guard reader.isComplete, !requestTimer.isRunning else { return }
            guard answered == 0 else { return context.close(promise: nil) }
            timer.start(ConnectionTimeouts.newcomers, context)
        }
    }

    private func answer(_ request: RequestReader.Request, _ context: ChannelHandlerContext) {
        timer.start(timeouts.write, context)
        let form = HeadForm(request.head)
        answered += 1
        arrived = lastRead
        isLastRequest = form.endsParsing || limits.requestsPerConnection.map { answered >= $0 } ?? false
        guard form.hasHost else {
            return finish(.badRequest("a request of HTTP/1.1 names its host, once"), request.head, context)
        }
        guard !form.isTooLarge(limits) else {
            isLastRequest = true
            return finish(limits.headerTooLarge, request.head, context)
        }
        if let response = RequestTarget.answer(request.head) { return finish(response, request.head, context) }
        var authRequest = AuthRequest(
            method: HTTPRequest.Method(request.head.method), target: request.head.uri,
            fields: NIOFields(headers: request.head.headers),
            peer: peer, arrived: lastRead, serial: serial)
        serial &+= 1
        authRequest.certificate = certificate.whose(answerer, at: lastRead)
        let service = answerer.service
        if let response = service.answerIfKnown(authRequest, on: answerer.loop) {
            return finish(response, request.head, context)
        }
        let isTaken = pending.decide(
            authRequest, body: request.body, by: service, limit, on: context.eventLoop
        ) { [self] response in
            finish(response, request.head, context)
            resume(context)
        }
        if !isTaken { finish(service.turnAway(authRequest), request.head, context) }
    }

    /// Writes an answer, and ends the connection if it must.
    private func finish(_ response: AuthResponse, _ request: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let goesOn =
            request.isKeepAlive && !isLastRequest && (reader.isComplete || reader.isWorthDraining)
            && (ending == nil || !waiting.isEmpty)
        let connection: ResponseWriter.Connection =
            !goesOn ? .closing : request.version == .http1_0 ? .keptAlive : .usual
        write(response, isBodyWanted: request.method != .HEAD, connection, context)
        answerer.loop.count(response, after: .now - arrived)
        if goesOn { timer.start(timeouts.read, context) } else { closeSoon(context) }
    }

    private func write(
        _ response: AuthResponse, isBodyWanted: Bool, _ connection: ResponseWriter.Connection,
        _ context: ChannelHandlerContext
    ) {
        output.clear()
        ResponseWriter.append(response, isBodyWanted: isBodyWanted, connection, to: &output)
        context.write(wrapOutboundOut(.byteBuffer(output)), promise: nil)
    }

    /// Ends the connection after its last answer.
    ///
    /// While a body still comes the connection is only half closed for a moment: the kernel answers what nobody reads with a
    /// reset, which may reach the client before it has read the answer (RFC 9112, 9.6).
    private func closeSoon(_ context: ChannelHandlerContext) {
        isLingering = true
        waiting.removeAll()
        context.flush()
        guard !reader.isComplete else { return context.close(promise: nil) }
        timer.start(ConnectionTimeouts.lingering, context)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.close(mode: .output).whenFailure { _ in bound.value.close(promise: nil) }
    }

    private func stop() {
        idleCheck?.cancel()
        timer.stop()
        requestTimer.stop()
        pending.cancel()
    }

    private var isAnswering: Bool { pending.isThere }

    /// Closes the connection if no request is being answered and nothing has come for the idle time.
    private func scheduleIdleCheck(_ context: ChannelHandlerContext, in delay: TimeAmount) {
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        idleCheck = context.eventLoop.scheduleTask(in: delay) {
            let (handler, context) = bound.value
            let idle = TimeAmount(ContinuousClock.now - handler.lastRead)
            if !handler.isAnswering, idle >= handler.timeouts.idle {
                context.close(promise: nil)
            } else {
                let rest = handler.isAnswering ? handler.timeouts.idle : handler.timeouts.idle - idle
                handler.scheduleIdleCheck(context, in: rest)
            }
        }
    }
}
