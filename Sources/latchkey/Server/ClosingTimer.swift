import NIOCore

/// Closes a connection, or a stream of one, after a time, unless it is started anew or stopped before. For the handler's event loop alone.
struct ClosingTimer {
    private var scheduled: Scheduled<Void>?

    /// Whether it runs.
    var isRunning: Bool { scheduled != nil }

    /// Begins anew.
    /// - Parameters:
    ///   - time: from now; nil stops it.
    ///   - context: what is closed.
    mutating func start(_ time: TimeAmount?, _ context: ChannelHandlerContext) {
        stop()
        guard let time else { return }
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        scheduled = context.eventLoop.scheduleTask(in: time) { bound.value.close(promise: nil) }
    }

    mutating func stop() {
        scheduled?.cancel()
        scheduled = nil
    }
}
