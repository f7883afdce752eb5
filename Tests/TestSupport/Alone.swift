import Credentials

/// Who runs now, and who waits, in order.
private let turns = Locked<(isTaken: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

/// Runs one of the tests that keep a whole machine busy (a browser, a domain controller, a server that is killed again and again): of those one runs at
/// a time, beside all others. Two of them on two cores would take from each other the seconds that each may take.
/// - Parameter body: the test.
public func alone(_ body: () async throws -> Void) async throws {
    await withCheckedContinuation { continuation in
        let isFree = turns.withLock { turns in
            if turns.isTaken {
                turns.waiting.append(continuation)
                return false
            }
            turns.isTaken = true
            return true
        }
        if isFree { continuation.resume() }
    }
    defer {
        let next: CheckedContinuation<Void, Never>? = turns.withLock { turns in
            guard !turns.waiting.isEmpty else {
                turns.isTaken = false
                return nil
            }
            return turns.waiting.removeFirst()
        }
        next?.resume()
    }
    try await body()
}
