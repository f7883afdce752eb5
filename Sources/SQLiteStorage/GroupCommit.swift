import Credentials
import GRDB

/// Commits changes that wait at the same time together: what a change costs is mostly the disk's word that it is durable, and that is
/// the same for many.
///
/// Safe to share. Each change is durable when it returns. One that fails takes no other with it.
final class GroupCommit: Sendable {
    private struct Change: Sendable {
        let run: @Sendable (Database) throws -> Void
        let end: @Sendable ((any Error)?) -> Void
    }

    private struct State: Sendable {
        var waiting: [Change] = []
        var isRunning = false
    }

    private static let maximumTogether = 256

    private let database: DatabasePool
    private let state = Locked(State())
    private let lane = WorkLane(name: "store-write", threads: 1, maximumQueued: 1)

    init(_ database: DatabasePool) {
        self.database = database
    }

    /// How much its thread has to do.
    var status: LaneStatus { lane.status }

    /// Makes a change.
    /// - Parameter body: makes it, within a transaction that it may share with others. It may run a second time, if the first was
    ///   rolled back.
    /// - Returns: what the body returned, once it is durable.
    func perform<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws -> T {
        let result = Locked<T?>(nil)
        let error: (any Error)? = await withCheckedContinuation { continuation in
            let change = Change(
                run: { database in
                    let value = try body(database)
                    result.withLock { $0 = value }
                },
                end: { continuation.resume(returning: $0) })
            let isFirst = state.withLock { state in
                state.waiting.append(change)
                defer { state.isRunning = true }
                return !state.isRunning
            }
            if isFirst { start() }
        }
        if let error { throw error }
        guard let value = result.withLock({ $0 }) else {
            throw SourceFailure(.internal, detail: "a change of the key store has no result")
        }
        return value
    }

    private func start() {
        Task {
            do {
                try await lane.run { [self] in drain() }
            } catch {
                // The lane takes one runner at a time, and there is no other; were there, those who wait must not wait for ever.
                for change in take(upTo: .max) { change.end(error) }
            }
        }
    }

    private func drain() {
        while case let changes = take(upTo: Self.maximumTogether), !changes.isEmpty { commit(changes) }
    }

    /// The changes that wait; none is the end of the run.
    private func take(upTo count: Int) -> [Change] {
        state.withLock { state in
            let taken = Array(state.waiting.prefix(count))
            state.waiting.removeFirst(taken.count)
            if taken.isEmpty || count == .max { state.isRunning = false }
            return taken
        }
    }

    private func commit(_ changes: [Change]) {
        do {
            try database.write { database in for change in changes { try change.run(database) } }
            for change in changes { change.end(nil) }
        } catch {
            guard changes.count > 1 else { return changes.forEach { $0.end(error) } }
            // All were rolled back: each has a try of its own.
            for change in changes { commit([change]) }
        }
    }
}
