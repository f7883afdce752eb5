import Credentials

/// Gives those who come back from a provider their turn to ask it: see ``TurnQueue``. Safe to share.
///
/// The time that an answer may take begins with the turn: whoever waits for others loses nothing of it.
final class ProviderTurns: Sendable {
    /// How many ask a provider at once. Its host has more connections than that, for what others ask it.
    static let maximumAsking = 64
    /// How many wait: those who come at nine o'clock, and no more than half of what the server answers at once.
    static let maximumWaiting = 768
    /// How long one waits at most.
    static let patience = Duration.seconds(30)

    private struct State: Sendable {
        var queue: TurnQueue
        var waiting: [Int: CheckedContinuation<Bool, Never>] = [:]
        /// Those whose turn came, or who gave up, before they waited.
        var early: [Int: Bool] = [:]
    }

    private let state: Locked<State>
    private let patience: Duration
    private let places = WaitingCount()

    init(
        maximumAsking: Int = ProviderTurns.maximumAsking, maximumWaiting: Int = ProviderTurns.maximumWaiting,
        patience: Duration = ProviderTurns.patience
    ) {
        state = Locked(State(queue: TurnQueue(maximumAsking: maximumAsking, maximumWaiting: maximumWaiting)))
        self.patience = patience
    }

    /// Waits for a turn, which ``end(_:)`` must end.
    /// - Parameter network: whose it is.
    /// - Throws: ``LoginProblem`` if it does not come in time, or too many wait.
    func take(_ network: IPNetwork?) async throws(LoginProblem) {
        // Before the queue: whoever stands in it may be given the turn at any moment.
        guard places.enter(upTo: Self.maximumWaiting) else { throw .unreachable("too many wait for providers already") }
        defer { places.leave() }
        let number: Int
        switch state.withLock({ $0.queue.arrive(from: network) }) {
        case .turn: return
        case .waiting(let given): number = given
        case .refused: throw .unreachable("too many who come back from it wait for their turn already")
        }
        let timer = Task { [patience] in
            guard (try? await Task.sleep(for: patience)) != nil else { return }
            self.giveUp(number, network)
        }
        defer { timer.cancel() }
        let hasTurn = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let early = state.withLock { state -> Bool? in
                    if let early = state.early.removeValue(forKey: number) { return early }
                    state.waiting[number] = continuation
                    return nil
                }
                if let early { continuation.resume(returning: early) }
            }
        } onCancel: {
            giveUp(number, network)
        }
        guard hasTurn else {
            throw .unreachable("the turn to ask it did not come within \(patience.components.seconds) s")
        }
    }

    /// Ends a turn.
    func end(_ network: IPNetwork?) {
        let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard let number = state.queue.leave(network) else { return nil }
            return Self.settle(number, true, &state)
        }
        next?.resume(returning: true)
    }

    private func giveUp(_ number: Int, _ network: IPNetwork?) {
        let waiting = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard state.queue.giveUp(number, from: network) else { return nil }
            return Self.settle(number, false, &state)
        }
        waiting?.resume(returning: false)
    }

    private static func settle(
        _ number: Int, _ hasTurn: Bool, _ state: inout State
    ) -> CheckedContinuation<Bool, Never>? {
        if let waiting = state.waiting.removeValue(forKey: number) { return waiting }
        state.early[number] = hasTurn
        return nil
    }
}
