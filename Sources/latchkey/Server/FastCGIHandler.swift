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
    private var deciding: Task<Void, Never>?
    /// When the request had come that is being answered.
    private var arrived = ContinuousClock.now
    /// A refusal that must not go out yet.
    private var holding: Scheduled<Void>?
    private var timer: Scheduled<Void>?
    /// Tells the answer to an aborted request from the next one's.
    private var generation = 0
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

    func handlerAdded(context: ChannelHandlerContext) { startTimer(context) }

    func handlerRemoved(context: ChannelHandlerContext) { stop() }

    func channelInactive(context: ChannelHandlerContext) {
        stop()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do {
            let actions = try connection.receive(unwrapInboundIn(data).readableBytesView)
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
        let isIdle = deciding == nil && holding == nil
        switch event {
        case ChannelEvent.inputClosed where isIdle, is ChannelShouldQuiesceEvent where isIdle:
            context.close(promise: nil)
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
            case .close:
                context.flush()
                context.close(promise: nil)
            }
        }
    }

    private func answer(_ variables: [String: String], _ context: ChannelHandlerContext) {
        timer?.cancel()
        arrived = .now
        let request = AuthRequest(fastCGI: variables, serial: serial)
        serial &+= 1
        let service = answerer.service
        if let response = service.answerIfKnown(request, on: answerer.loop) { return finish(response, context) }
        guard limit.enter() else { return finish(service.turnAway(request), context) }
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        let (eventLoop, generation) = (context.eventLoop, generation)
        deciding = Task(executorPreference: service.executor(for: request)) {
            let held = await service.decide(request) { _ in [] }
            eventLoop.execute {
                let (handler, context) = bound.value
                handler.limit.leave()
                guard handler.generation == generation, handler.deciding != nil else { return }
                handler.deciding = nil
                handler.finish(held, context)
            }
        }
    }

    /// Writes the answer that a task found, once it may go out.
    private func finish(_ held: HeldResponse, _ context: ChannelHandlerContext) {
        guard let hold = held.hold, hold.until > .now else { return finish(held.response, context) }
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        holding = context.eventLoop.scheduleTask(in: TimeAmount(hold.until - .now)) {
            bound.value.handler.holding = nil
            bound.value.handler.finish(held.response, bound.value.context)
        }
    }

    private func finish(_ response: AuthResponse, _ context: ChannelHandlerContext) {
        answerer.loop.count(response, after: .now - arrived)
        startTimer(context)
        perform(connection.finish(response), context)
        context.flush()
    }

    private func cancel(_ context: ChannelHandlerContext) {
        generation += 1
        deciding?.cancel()
        holding?.cancel()
        (deciding, holding) = (nil, nil)
        startTimer(context)
    }

    private func stop() {
        timer?.cancel()
        deciding?.cancel()
        holding?.cancel()
        (timer, deciding, holding) = (nil, nil, nil)
    }

    /// Closes a connection on which nothing is asked for the idle time.
    private func startTimer(_ context: ChannelHandlerContext) {
        timer?.cancel()
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(in: timeouts.idle) { bound.value.close(promise: nil) }
    }
}
