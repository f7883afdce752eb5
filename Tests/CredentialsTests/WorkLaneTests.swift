import Foundation
import Synchronization
import Testing

@testable import Credentials

@Suite("The lane of threads")
struct WorkLaneTests {
    /// A gate that holds a lane's thread until the test opens it.
    private final class Gate: Sendable {
        private let condition = NSCondition()
        private let open = Locked(false)
        let entered = Atomic<Int>(0)

        func pass() {
            entered.add(1, ordering: .relaxed)
            condition.lock()
            while !open.withLock({ $0 }) { condition.wait() }
            condition.unlock()
        }
        func release() {
            condition.lock()
            open.withLock { $0 = true }
            condition.broadcast()
            condition.unlock()
        }
    }

    private func eventually(_ condition: () -> Bool) async { while !condition() { await Task.yield() } }

    @Test("Work returns its result, each piece its own")
    func results() async throws {
        let lane = WorkLane(name: "test", threads: 3, maximumQueued: 1000)
        try await withThrowingTaskGroup(of: (Int, Int).self) { group in
            for i in 0..<500 { group.addTask { (i, try await lane.run { i * i }) } }
            for try await (i, square) in group { #expect(square == i * i) }
        }
    }

    @Test("A full queue refuses at once")
    func full() async throws {
        let lane = WorkLane(name: "test", threads: 1, maximumQueued: 0)
        let gate = Gate()
        async let first: Void = lane.run { gate.pass() }
        await eventually { gate.entered.load(ordering: .relaxed) == 1 }
        let refusal = await #expect(throws: SourceFailure.self) { try await lane.run {} }
        #expect(refusal?.code == .overloaded)
        gate.release()
        try await first
        #expect(try await lane.run { 2 } == 2)
    }

    @Test("A deadline answers while the work still runs")
    func deadline() async throws {
        let lane = WorkLane(name: "test", threads: 1, maximumQueued: 1)
        let gate = Gate()
        await #expect(throws: SourceFailure.self) { try await lane.run(deadline: .milliseconds(20)) { gate.pass() } }
        gate.release()
        #expect(try await lane.run { 7 } == 7)
    }

    @Test("Work whose deadline has passed in the queue is never started")
    func expired() async throws {
        let lane = WorkLane(name: "test", threads: 1, maximumQueued: 4)
        let gate = Gate()
        let started = Atomic<Bool>(false)
        async let first: Void = lane.run { gate.pass() }
        await eventually { gate.entered.load(ordering: .relaxed) == 1 }
        await #expect(throws: SourceFailure.self) {
            try await lane.run(deadline: .milliseconds(20)) { started.store(true, ordering: .relaxed) }
        }
        gate.release()
        try await first
        try await lane.run {}
        let wasStarted = started.load(ordering: .relaxed)
        #expect(!wasStarted)
    }
}
