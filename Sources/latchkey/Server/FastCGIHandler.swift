import AuthService
import Credentials
import NIOCore

/// Answers a web server that asks by FastCGI, one request of a connection after the other; what is said of the protocol is ``FastCGIConnection``'s.
final class FastCGIHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let answerer: LoopService
    private let limit: RequestLimit
    private let timeouts: ConnectionTimeouts
    private var connection = FastCGIConnection()
    private let pending = PendingAnswer()
    /// When the request had come that is being answered.
    private var arrived = ContinuousClock.now
    private var timer = ClosingTimer()
    private var hasAsked = false
    /// The server stops: the next answer is the connection's last.
    private var isStopping = false
    /// How much has come since the last answer went out; nil while there is one to come.
    private var dropped: Int?
    private var serial = UInt64.random(in: .min ... .max)

    /// - Parameters:
    ///   - answerer: what the connection's event loop answers with.
    ///   - limit: how many requests may have a task at once.
    ///   - timeouts: how long the connection may keep the server waiting.
    init(_ answerer: LoopService, limit: RequestLimit, timeouts: ConnectionTimeouts) {
        self.answerer = answerer
        self.limit = limit
        self.timeouts = timeouts
    }

    /// Closed when nothing is asked for the idle time.
    func handlerAdded(context: ChannelHandlerContext) { timer.start(timeouts.idle, context) }

    func handlerRemoved(context: ChannelHandlerContext) { stop() }

    func channelInactive(context: ChannelHandlerContext) {
        stop()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        if let dropped {
            self.dropped = dropped + bytes.readableBytes
            if dropped > RequestReader.lingeringLimit { context.close(promise: nil) }
            return
        }
        do {
            let actions = try connection.receive(bytes.readableBytesView)
            perform(actions, context)
        } catch {
            // Whoever does not speak FastCGI would not understand why.
            context.close(promise: nil)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) { context.flush() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // A web server that has said all that it will still wants its answer; one that waits for nothing may go.
        let isIdle = !pending.isThere
        switch event {
        case ChannelEvent.inputClosed where isIdle || dropped != nil: context.close(promise: nil)
        case is ChannelShouldQuiesceEvent:
            isStopping = true
            guard isIdle else { break }
            // Who has just connected has sent what it asks already.
            if hasAsked { context.close(promise: nil) } else { timer.start(ConnectionTimeouts.newcomers, context) }
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    private func perform(_ actions: [FastCGIConnection.Action], _ context: ChannelHandlerContext) {
        for action in actions {
            switch action {
            case .write(let bytes): context.write(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
            case .answer(let variables): answer(variables, context)
            case .cancel: cancel(context)
            case .close: closeSoon(context)
            }
        }
    }

    /// Ends the connection after its last answer, once the web server has ended its side, or at the latest after a while: a body that is still coming, which
    /// an authorizer does not read, would else be answered with a reset, and that may take the answer away.
    private func closeSoon(_ context: ChannelHandlerContext) {
        guard dropped == nil else { return }
        dropped = 0
        context.flush()
        timer.start(ConnectionTimeouts.lingering, context)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.close(mode: .output).whenFailure { _ in bound.value.close(promise: nil) }
    }

    private func answer(_ variables: [String: String], _ context: ChannelHandlerContext) {
        timer.stop()
        hasAsked = true
        arrived = .now
        let request = AuthRequest(fastCGI: variables, serial: serial)
        serial &+= 1
        let service = answerer.service
        if let response = service.answerIfKnown(request, on: answerer.loop) { return finish(response, context) }
        let isTaken = pending.decide(request, body: [], by: service, limit, on: context.eventLoop) { [self] in
            finish($0, context)
        }
        if !isTaken { finish(service.turnAway(request), context) }
    }

    private func finish(_ response: AuthResponse, _ context: ChannelHandlerContext) {
        answerer.loop.count(response, after: .now - arrived)
        timer.start(timeouts.idle, context)
        perform(connection.finish(response), context)
        context.flush()
        if isStopping { closeSoon(context) }
    }

    private func cancel(_ context: ChannelHandlerContext) {
        pending.cancel()
        timer.start(timeouts.idle, context)
    }

    private func stop() {
        timer.stop()
        pending.cancel()
    }
}
