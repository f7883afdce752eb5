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

    @Test("Its threads are seen under its name")
    func name() async throws {
        let lane = WorkLane(name: "a-lane-with-a-long-name", threads: 1, maximumQueued: 1, priority: .low)
        let seen = try await lane.run {
            try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)
        }
        #expect(seen == "a-lane-with-a-l\n")
    }

    /// Keeps every CPU busy at normal priority for as long as it lives.
    private final class Crowd: Sendable {
        private let isOver = Atomic(false)

        init() {
            for _ in 0..<ProcessInfo.processInfo.activeProcessorCount {
                Thread { while !self.isOver.load(ordering: .relaxed) {} }.start()
            }
        }
        func leave() { isOver.store(true, ordering: .relaxed) }
    }

    /// Burns CPU time of the calling thread.
    private static func burn(_ time: Duration) {
        func used() -> Duration {
            var now = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now)
            return .seconds(now.tv_sec) + .nanoseconds(now.tv_nsec)
        }
        let start = used()
        while used() - start < time {}
    }

    @Test("Work that takes only what others leave is not kept out by those who leave nothing")
    func starvation() async throws {
        let lane = WorkLane(name: "test", threads: 1, maximumQueued: 8, priority: .leftover)
        let crowd = Crowd()
        defer { crowd.leave() }
        let begun = Atomic<Int>(0)
        // Alone at its priority it would take one and a half minutes, and the lane gives up after one.
        async let first: Void = lane.run(deadline: .seconds(60)) {
            begun.add(1, ordering: .relaxed)
            Self.burn(.milliseconds(150))
        }
        // Waits behind it.
        async let second = lane.run(deadline: .seconds(60)) { 2 }
        try await first
        let value = try await second
        #expect(value == 2)
        // Begun once more by somebody else, unless it has had a CPU by luck before the crowd had them all.
        let times = begun.load(ordering: .relaxed)
        #expect((1...2).contains(times), "begun \(times) times")
    }

    private final class Count: Sendable {
        let value = Atomic<Int>(0)
    }

    @Test("Work that takes what others leave is done once while they leave enough")
    func leftover() async throws {
        let lane = WorkLane(name: "test", threads: 2, maximumQueued: 1000, priority: .leftover)
        let begun = Count()
        try await withThrowingTaskGroup(of: Int.self) { group in
            for i in 0..<200 {
                group.addTask {
                    try await lane.run {
                        begun.value.add(1, ordering: .relaxed)
                        return i
                    }
                }
            }
            var sum = 0
            for try await i in group { sum += i }
            #expect(sum == 199 * 100)
        }
        // Beside tests that keep the machine busy some may starve for half a second, and be begun once more, as they should; none a third time.
        let times = begun.value.load(ordering: .relaxed)
        #expect((200...400).contains(times))
    }

    @Test("Work counts as starved when it has had next to nothing of a CPU for half a second, not before")
    func starved() async throws {
        let lane = WorkLane(name: "test", threads: 1, maximumQueued: 1)
        let (early, late) = try await lane.run {
            let begun = ContinuousClock.now
            let work = RunningWork {}
            return (work.isStarved(at: begun), work.isStarved(at: .now + .seconds(1)))
        }
        #expect(!early && late)
        let busy = try await lane.run {
            let begun = ContinuousClock.now
            let work = RunningWork {}
            Self.burn(.milliseconds(30))
            // Of one second: on a busy machine it takes many to have the CPU for so long.
            return work.isStarved(at: begun + .seconds(1))
        }
        #expect(!busy)
    }

    @Test("A task that prefers an executor for blocking runs on its threads, stays there, and is never refused")
    func executor() async {
        @Sendable func threadName() async -> String {
            (try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8))?.filter { $0 != "\n" } ?? ""
        }
        let executor = BlockingExecutor(name: "blocks", threads: 2)
        let names = await withTaskGroup(of: [String].self) { group in
            for _ in 0..<500 {
                group.addTask(executorPreference: executor) {
                    let outer = await threadName()
                    let inner = await withTaskExecutorPreference(executor) { await threadName() }
                    await Task.yield()
                    return [outer, inner, await threadName()]
                }
            }
            return await group.reduce(into: [[String]]()) { $0.append($1) }
        }
        #expect(names.count == 500 && names.allSatisfy { $0 == ["blocks", "blocks", "blocks"] })
        #expect(await threadName() != "blocks")
    }
}
