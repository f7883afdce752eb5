/// How much a ``WorkLane`` has to do.
public struct LaneStatus: Sendable, Equatable {
    /// The lane's name.
    public let name: String
    /// How many pieces of work wait for a thread.
    public let queued: Int
    /// How many threads there are, with those that wait for work.
    public let threads: Int
    /// How long work has waited for a thread.
    public let waits: LatencyHistogram
}
