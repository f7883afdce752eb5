public import Credentials

/// What a store has done since it was opened, and how long that took, waiting included. Safe to share.
public final class StoreMetrics: Sendable {
    /// Counts nothing yet.
    package init() {}

    /// What a store does.
    public enum Operation: String, Sendable, CaseIterable {
        /// Finds a key.
        case lookUp = "look-up"
        /// Lists keys.
        case list
        /// Creates, rotates and revokes keys.
        case change
        /// Writes when keys were used.
        case uses
        /// Reads and writes what sources have said of owners.
        case owners
        /// Deletes what is left of keys.
        case purge
        /// Counts keys, backs up, exports and imports.
        case maintenance
        /// Looks whether the store answers.
        case probe
    }

    private let histograms = Locked<[Operation: LatencyHistogram]>([:])
    private let failed = Locked<[Operation: Int]>([:])

    /// How long what succeeded took.
    public var latencies: [Operation: LatencyHistogram] { histograms.withLock { $0 } }

    /// How often something failed.
    public var failures: [Operation: Int] { failed.withLock { $0 } }

    package func note(_ operation: Operation, _ duration: Duration) {
        histograms.withLock { $0[operation, default: .init()].note(duration) }
    }

    package func noteFailure(_ operation: Operation) { failed.withLock { $0[operation, default: 0] += 1 } }
}
