/// What a test waited for, and what did not come.
public struct NeverHappened: Error, CustomStringConvertible {
    public let description: String

    public init(description: String) {
        self.description = description
    }
}

/// How much longer a test may wait: what runs under ThreadSanitizer is slow.
#if THREAD_SANITIZER
    private let patience = 10
#else
    private let patience = 1
#endif

/// Waits until a condition holds, and looks again every few milliseconds.
/// - Parameters:
///   - what: the condition in words, for the failure.
///   - limit: how long to wait at most: longer than a busy machine needs, as only what never comes takes so long.
public func eventually(
    _ what: String, within limit: Duration = .seconds(60), _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let deadline = clock.now + limit * patience
    while try await !condition() {
        guard clock.now < deadline else { throw NeverHappened(description: "not within \(limit): \(what)") }
        try await clock.sleep(for: .milliseconds(10))
    }
}
