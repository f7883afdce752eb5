import APIKeys
import Credentials
import Foundation
import Logging
import ServiceLifecycle

/// How many API keys there are, by state, as they were counted last. Safe to share.
final class KeyCounts: Sendable {
    private let counts = Locked<[KeyState: Int]?>(nil)
    private let sessionCount = Locked<Int?>(nil)

    /// What was counted last; nil before the first time.
    var latest: [KeyState: Int]? { counts.withLock { $0 } }

    func set(_ found: [KeyState: Int]) { counts.withLock { $0 = found } }

    /// How many sessions of browsers there are, as they were counted last; nil before the first time.
    var sessions: Int? {
        get { sessionCount.withLock { $0 } }
        set { sessionCount.withLock { $0 = newValue } }
    }
}

/// Counts the API keys from time to time, for the metrics: looking at ten million takes seconds, so the more there are, the more seldom it is done.
struct KeyCounter: Service {
    /// A hundredth of the time at most goes into counting, and some seconds at least pass in between.
    private static let (share, pause) = (100, Duration.seconds(5))

    let store: any NodeStore
    let counts: KeyCounts
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var wait = Duration.seconds(1)
            while (try? await Task.sleep(for: wait)) != nil {
                let begun = ContinuousClock.now
                // In a task of its own: one that is cancelled in the middle of a read can't use the store.
                await Task { await count() }.value
                wait = max(Self.pause, (.now - begun) * Self.share)
            }
        }
    }

    private func count() async {
        do {
            let found = try await store.counts(at: .now)
            counts.set(found)
            counts.sessions = try await store.sessionCount(at: .now)
        } catch {
            logger.error("API keys could not be counted: \(error)")
        }
    }
}
