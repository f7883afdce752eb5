import AuthService
import Credentials
import NIOCore

/// What stands between a request that can't be answered at once and its answer: a task that decides, then perhaps the time before which a refusal must not
/// go out. Touched by one event loop alone.
final class PendingAnswer {
    private enum State {
        case nothing
        case deciding(Task<Void, Never>)
        /// The answer is known, but must not go out yet.
        case holding(Scheduled<Void>)
    }

    private var state = State.nothing
    /// Tells the answer to a request that was cancelled from the next one's.
    private var number = 0

    /// Whether there is one.
    var isThere: Bool { if case .nothing = state { false } else { true } }

    /// Decides a request in a task of its own, which ends when the answer is found: what waits holds no task's memory.
    /// - Parameters:
    ///   - request: the request.
    ///   - body: its body; nil if it is longer than it may be.
    ///   - service: what answers it.
    ///   - limit: how many may have a task at once.
    ///   - eventLoop: the calling one.
    ///   - finish: takes the answer, on the event loop, when it may go out; never if it was cancelled.
    /// - Returns: false if there is no room for it.
    func decide(
        _ request: AuthRequest, body: [UInt8]?, by service: AuthService, _ limit: RequestLimit,
        on eventLoop: any EventLoop, then finish: @escaping (AuthResponse) -> Void
    ) -> Bool {
        guard limit.enter() else { return false }
        number += 1
        let bound = NIOLoopBound((pending: self, finish: finish), eventLoop: eventLoop)
        state = .deciding(
            Task(executorPreference: service.executor(for: request)) { [number] in
                let held = await service.decide(request) { limit in body.flatMap { $0.count <= limit ? $0 : nil } }
                eventLoop.execute {
                    // Only now: until the event loop lets go of it, a task that has ended keeps its memory.
                    limit.leave()
                    let (pending, finish) = bound.value
                    // Otherwise the client has gone.
                    guard pending.number == number, case .deciding = pending.state else { return }
                    pending.hold(held, on: eventLoop, finish)
                }
            })
        return true
    }

    private func hold(_ held: HeldResponse, on eventLoop: any EventLoop, _ finish: @escaping (AuthResponse) -> Void) {
        guard let hold = held.hold, hold.until > .now else {
            state = .nothing
            return finish(held.response)
        }
        let bound = NIOLoopBound((pending: self, finish: finish), eventLoop: eventLoop)
        state = .holding(
            eventLoop.scheduleTask(in: TimeAmount(hold.until - .now)) {
                bound.value.pending.state = .nothing
                // With it goes its place among those that wait.
                bound.value.finish(held.response)
            })
    }

    /// Forgets it.
    func cancel() {
        switch state {
        case .nothing: break
        case .deciding(let task): task.cancel()
        case .holding(let timer): timer.cancel()
        }
        state = .nothing
    }
}
