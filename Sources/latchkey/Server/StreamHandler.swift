import AuthService
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTP2

/// Answers the one request of a stream of HTTP/2.
final class StreamHandler: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    private let connection: HTTP2Connection
    private var reader: RequestReader
    private let pending = PendingAnswer()
    /// Ends the stream if its request does not come, or its answer does not go out, in time.
    private var timer = ClosingTimer()
    private var arrived = ContinuousClock.now
    private var hasHead = false
    /// How many bytes of the body have come.
    private var received = 0
    private var isAnswered = false
    private var isReset = false
    /// What has been asked, whose body is too long and still comes.
    private var held: RequestReader.Request?
    /// Ends the wait for a body that nobody reads.
    private var patience: Scheduled<Void>?
    private var id: HTTP2StreamID?

    init(_ connection: HTTP2Connection) {
        self.connection = connection
        let answerer = connection.answerer
        reader = RequestReader { answerer.service.bodyLimit(HTTPRequest.Method($0.method), $0.uri) }
    }

    func handlerAdded(context: ChannelHandlerContext) {
        id = HTTP2Connection.id(of: context.channel)
        connection.begin(context.channel)
        timer.start(connection.limits.requestTimeout, context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer.stop()
        patience?.cancel()
        pending.cancel()
        connection.end(context.channel, id)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .headers(let part) where !hasHead:
            guard let head = HTTP2Head.request(part.headers, isWhole: part.endStream) else {
                return context.close(promise: nil)
            }
            hasHead = true
            take(.head(head), context)
            if part.endStream { take(.end(nil), context) } else { beginPatience(context) }
        case .headers(let trailers) where trailers.endStream: take(.end(nil), context)
        case .data(let part):
            if case .byteBuffer(let bytes) = part.data, bytes.readableBytes > 0 {
                received += bytes.readableBytes
                take(.body(bytes), context)
            }
            if part.endStream { take(.end(nil), context) }
        default: break
        }
    }

    private func take(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        if let request = reader.read(part) {
            if reader.isComplete { answer(request, context) } else { hold(request, context) }
        } else if let held, reader.isComplete {
            self.held = nil
            answer(held, context)
        }
        // Who has the whole answer is told to send no more, and that nothing is wrong (RFC 9113, 8.1).
        if isAnswered, !reader.isComplete, !isReset {
            isReset = true
            context.writeAndFlush(wrapOutboundOut(.rstStream(.noError)), promise: nil)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if received > RequestReader.lingeringLimit { answerEarly(context) }
        context.flush()
    }

    /// Has a request wait for the end of a body that is too long: curl 7.88 hangs, now and then, when the answer is whole before its upload is.
    private func hold(_ request: RequestReader.Request, _ context: ChannelHandlerContext) {
        held = request
        beginPatience(context)
    }

    private func beginPatience(_ context: ChannelHandlerContext) {
        patience?.cancel()
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        patience = context.eventLoop.scheduleTask(in: ConnectionTimeouts.lingering) {
            bound.value.handler.answerEarly(bound.value.context)
            bound.value.context.flush()
        }
    }

    /// Answers before the end of a body that nobody reads: it is very long, or comes slowly.
    private func answerEarly(_ context: ChannelHandlerContext) {
        guard !isAnswered, !pending.isThere, let request = held ?? reader.readComplete() else { return }
        held = nil
        answer(request, context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func answer(_ request: RequestReader.Request, _ context: ChannelHandlerContext) {
        arrived = .now
        patience?.cancel()
        timer.start(connection.timeouts.write, context)
        let (form, limits, head) = (HeadForm(request.head), connection.limits, request.head)
        guard form.hasHost else {
            return finish(.badRequest("a request names its host, once"), head, context)
        }
        guard !form.isTooLarge(limits) else { return finish(limits.headerTooLarge, head, context) }
        if let response = RequestTarget.answer(head) { return finish(response, head, context) }
        var authRequest = AuthRequest(
            method: HTTPRequest.Method(head.method), target: head.uri, fields: NIOFields(headers: head.headers),
            peer: connection.peer, arrived: arrived, serial: connection.next())
        authRequest.certificate = connection.certificate.whose(connection.answerer, at: arrived)
        let service = connection.answerer.service
        if let response = service.answerIfKnown(authRequest, on: connection.answerer.loop) {
            return finish(response, head, context)
        }
        let isTaken = pending.decide(
            authRequest, body: request.body, by: service, connection.limit, on: context.eventLoop
        ) { [self] in
            finish($0, head, context)
            context.flush()
        }
        if !isTaken { finish(service.turnAway(authRequest), head, context) }
    }

    private func finish(_ response: AuthResponse, _ request: HTTPRequestHead, _ context: ChannelHandlerContext) {
        isAnswered = true
        let hasBody = request.method != .HEAD && !response.body.isEmpty
        let head = HTTP2Frame.FramePayload.Headers(headers: HTTP2Head.response(response), endStream: !hasBody)
        context.write(wrapOutboundOut(.headers(head)), promise: nil)
        if hasBody {
            let body = IOData.byteBuffer(ByteBuffer(bytes: response.body))
            context.write(wrapOutboundOut(.data(.init(data: body, endStream: true))), promise: nil)
        }
        connection.answerer.loop.count(response, after: .now - arrived)
        // What still comes of the body is dropped, for a while.
        timer.start(reader.isComplete ? nil : connection.limits.requestTimeout, context)
    }
}
