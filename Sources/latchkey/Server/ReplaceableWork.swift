import ServiceLifecycle

/// Work in the background in whose place a reload puts other work. It goes on until it is replaced, or the server stops.
final class ReplaceableWork: Service {
    typealias Work = @Sendable () async -> Void

    private let stream: AsyncStream<Work?>
    private let continuation: AsyncStream<Work?>.Continuation

    init(_ first: Work?) {
        (stream, continuation) = AsyncStream.makeStream()
        continuation.yield(first)
    }

    /// Ends the work of before, and begins other work; nil for none.
    func replace(_ work: Work?) { continuation.yield(work) }

    func run() async throws {
        await cancelWhenGracefulShutdown { [stream] in
            var task: Task<Void, Never>?
            for await work in stream {
                task?.cancel()
                await task?.value
                task = work.map { work in Task { await work() } }
            }
            task?.cancel()
            await task?.value
        }
    }
}
