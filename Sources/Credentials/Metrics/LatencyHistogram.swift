/// How long things took: how many within each of some bounds, and all together. A value; its owner keeps it from being written twice at once.
public struct LatencyHistogram: Sendable, Equatable {
    /// The upper bounds, in seconds; what takes longer than the last is counted in ``count`` alone.
    public static let bounds: [Double] = [
        0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]
    private static let limits = bounds.map { Int64($0 * 1_000_000_000) }

    /// How many took as long as each bound at most, and longer than the one before it.
    public private(set) var counts = [Int](repeating: 0, count: bounds.count)
    /// How many there were.
    public private(set) var count = 0
    private var nanoseconds: Int64 = 0

    /// How long all took together, in seconds.
    public var sum: Double { Double(nanoseconds) / 1_000_000_000 }

    /// Nothing so far.
    public init() {}

    /// Counts one.
    /// - Parameter duration: how long it took; below zero counts as zero.
    public mutating func note(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let time = max(0, seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
        count += 1
        nanoseconds &+= time
        guard let place = Self.limits.firstIndex(where: { time <= $0 }) else { return }
        counts[place] += 1
    }

    /// Counts what another one has counted.
    public mutating func add(_ other: LatencyHistogram) {
        count += other.count
        nanoseconds &+= other.nanoseconds
        for place in counts.indices { counts[place] += other.counts[place] }
    }
}
