import Synchronization

/// What a server of a directory has been seen to do, counted without a lock.
final class ServerCounters: Sendable {
    private let connections = Atomic<Int>(0)
    private let refusals = Atomic<Int>(0)
    private let answers = Atomic<Int>(0)
    private let microseconds = Atomic<Int>(0)
    private let failures = Atomic<Int>(0)

    func connected() { connections.add(1, ordering: .relaxed) }
    func refused() { refusals.add(1, ordering: .relaxed) }
    func failed() { failures.add(1, ordering: .relaxed) }

    func answered(in time: Duration) {
        answers.add(1, ordering: .relaxed)
        microseconds.add(Int(time / .microseconds(1)), ordering: .relaxed)
    }

    func status(url: String, state: DirectoryServerStatus.State, idle: Int) -> DirectoryServerStatus {
        DirectoryServerStatus(
            url: url, state: state, idleConnections: idle, connections: connections.load(ordering: .relaxed),
            connectionFailures: refusals.load(ordering: .relaxed), answers: answers.load(ordering: .relaxed),
            answerSeconds: Double(microseconds.load(ordering: .relaxed)) / 1e6,
            failures: failures.load(ordering: .relaxed))
    }
}
