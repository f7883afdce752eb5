import Credentials

/// Bounds work in time.
package enum TimeLimit {
    /// Does some work, and stops waiting for it when its time is over, whatever the work does about that.
    /// - Parameters:
    ///   - limit: how long the caller waits at most.
    ///   - work: the work; it is cancelled when its time is over, or when the caller is.
    /// - Returns: what came of it; nil if it did not end in time.
    package static func wait<Value: Sendable>(
        _ limit: Duration, for work: @escaping @Sendable () async -> Value
    ) async -> Value? {
        let result = FirstResult<Value>()
        let working = Task { result.end(with: await work()) }
        let timer = Task {
            // A cancelled sleep means that the work has ended.
            guard (try? await Task.sleep(for: limit, tolerance: .zero)) != nil else { return }
            result.end(with: nil)
        }
        let value = await withTaskCancellationHandler {
            await result.value
        } onCancel: {
            result.end(with: nil)
        }
        working.cancel()
        timer.cancel()
        return value
    }
}

/// The first of several results, for one who waits for it.
private final class FirstResult<Value: Sendable>: Sendable {
    private enum State: Sendable {
        case open
        case awaited(CheckedContinuation<Value?, Never>)
        case ended(Value?)
    }

    private let state = Locked(State.open)

    /// The first result. For one caller, once.
    var value: Value? {
        get async {
            await withCheckedContinuation { continuation in
                let ended: Value?? = state.withLock { state in
                    if case .ended(let value) = state { return .some(value) }
                    state = .awaited(continuation)
                    return nil
                }
                if let ended { continuation.resume(returning: ended) }
            }
        }
    }

    /// Notes a result, if it is the first.
    func end(with value: Value?) {
        let waiting = state.withLock { state -> CheckedContinuation<Value?, Never>? in
            switch state {
            case .open:
                state = .ended(value)
                return nil
            case .awaited(let continuation):
                state = .ended(value)
                return continuation
            case .ended: return nil
            }
        }
        waiting?.resume(returning: value)
    }
}
