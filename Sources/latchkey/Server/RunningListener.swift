import NIOCore
import NIOExtras

/// A listener that takes connections until it is told to stop: then it takes no more, answers what has been asked, and ends.
final class RunningListener: Sendable {
    private let quiescing: ServerQuiescingHelper
    private let ended: EventLoopPromise<Void>

    init(_ quiescing: ServerQuiescingHelper, on loop: any EventLoop) {
        self.quiescing = quiescing
        ended = loop.makePromise()
    }

    /// Takes no more connections.
    func stop() {
        let quiesced = ended.futureResult.eventLoop.makePromise(of: Void.self)
        quiesced.futureResult.cascade(to: ended)
        quiescing.initiateShutdown(promise: quiesced)
    }

    /// Returns when all connections have ended, or the task is cancelled.
    func waitForEnd() async throws {
        try await withTaskCancellationHandler {
            try await ended.futureResult.get()
        } onCancel: {
            ended.fail(CancellationError())
        }
    }
}
