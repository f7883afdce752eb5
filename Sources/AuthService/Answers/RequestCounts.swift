import Credentials

/// How many requests were answered, how, and how long that took, by the row of the table of routes. Written by one event loop, read by whoever asks for the metrics.
final class RequestCounts: Sendable {
    /// What is known of one row.
    struct Row: Sendable {
        /// How many answers there were, by their status.
        var statuses: [(status: Int, count: Int)] = []
        var latency = LatencyHistogram()

        mutating func note(_ status: Int, _ count: Int) {
            // There are a handful at most.
            if let place = statuses.firstIndex(where: { $0.status == status }) {
                statuses[place].count += count
            } else {
                statuses.append((status, count))
            }
        }

        mutating func add(_ other: Row) {
            for (status, count) in other.statuses { note(status, count) }
            latency.add(other.latency)
        }
    }

    private let rows: Locked<[Row]>

    /// - Parameter routes: how many rows the table has.
    init(routes: Int) { rows = Locked(Array(repeating: Row(), count: routes + 1)) }

    /// The rows, in the table's order; behind them what belongs to none.
    var all: [Row] { rows.withLock { $0 } }

    func note(_ route: Int?, _ status: Int, _ duration: Duration) {
        rows.withLock { rows in
            let place = route ?? rows.count - 1
            rows[place].note(status, 1)
            rows[place].latency.note(duration)
        }
    }
}

/// The counts of all event loops. Safe to share.
final class RequestMetrics: Sendable {
    private let loops = Locked<[RequestCounts]>([])

    /// Counts for one more event loop.
    func newCounts() -> RequestCounts {
        let counts = RequestCounts(routes: RouteTable.shared.rows.count)
        loops.withLock { $0.append(counts) }
        return counts
    }

    /// What all have counted, by the names of the routes; `other` is what no route answers.
    var all: [(route: String, row: RequestCounts.Row)] {
        let names = RouteTable.shared.rows.map(\.operation.name) + ["other"]
        let counts = loops.withLock { $0 }.map(\.all)
        return names.enumerated().map { index, name in
            var row = RequestCounts.Row()
            for rows in counts { row.add(rows[index]) }
            return (name, row)
        }
    }
}
