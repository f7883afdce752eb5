import Foundation

/// A bounded lane of threads for work that blocks or burns a CPU, so that no event loop and no thread of Swift's
/// cooperative pool ever does.
///
/// The queue has a limit and each wait a deadline: past either, ``run(deadline:_:)`` throws at once instead of letting
/// work pile up. Threads start when there is work for them, up to the limit, and end when nobody needs them.
///
/// `@unchecked Sendable`: `queue`, `waits`, `running`, `idle`, `threads`, `begun`, `hasHelper` and `isStopped` are touched only
/// while `condition` is locked; the rest never changes.
public final class WorkLane: @unchecked Sendable {
    private let name: String
    private let maximumThreads: Int
    private let maximumQueued: Int
    private let priority: LanePriority
    private let idleTime: Duration
    private let condition = NSCondition()
    private var queue: ArraySlice<(job: @Sendable () -> Void, since: ContinuousClock.Instant)> = []
    private var waits = LatencyHistogram()
    private var idle = 0
    private var threads = 0
    /// What threads of priority ``LanePriority/leftover`` work on, by its number in the order of beginning.
    private var running: [Int: RunningWork] = [:]
    private var begun = 0
    private var hasHelper = false
    private var isStopped = false
    /// How often the helper looks whether it is needed.
    private static let helperInterval = 0.25

    /// Makes a lane.
    /// - Parameters:
    ///   - name: what its threads are called (the kernel shows 15 bytes).
    ///   - threads: how many threads work at most.
    ///   - maximumQueued: how many pieces of work may wait for a thread.
    ///   - priority: how its threads share the CPUs with event loops.
    ///   - idleTime: time without work after which a thread ends.
    public init(
        name: String, threads: Int, maximumQueued: Int, priority: LanePriority = .normal,
        idleTime: Duration = .seconds(10)
    ) {
        self.name = name
        self.maximumThreads = max(1, threads)
        self.maximumQueued = max(0, maximumQueued)
        self.priority = priority
        self.idleTime = idleTime
    }

    deinit { stop() }

    /// How much it has to do.
    public var status: LaneStatus {
        condition.lock()
        defer { condition.unlock() }
        return LaneStatus(name: name, queued: queue.count, threads: threads, waits: waits)
    }

    /// Runs a piece of work on one of the lane's threads.
    ///
    /// Work whose deadline passes while it waits is never started. Work that already runs is not interrupted; the
    /// caller gets its answer at the deadline all the same, and the work's result is dropped.
    /// - Parameters:
    ///   - deadline: how long the caller waits at most, from now; nil for ever.
    ///   - work: what to do. It may block. On a lane of priority ``LanePriority/leftover`` it may be done twice.
    /// - Returns: what the work returned.
    /// - Throws: ``SourceFailure`` with code `overloaded` if the queue is full, `timedOut` if the deadline passed.
    public func run<T: Sendable>(deadline: Duration? = nil, _ work: @escaping @Sendable () -> T)
        async throws(SourceFailure) -> T
    {
        let cell = ResultCell<T>()
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            cell.arm(continuation)
            let accepted = submit {
                guard !cell.isSettled else { return }
                cell.settle(.success(work()))
            }
            guard accepted else {
                cell.settle(.failure(.init(.overloaded, detail: "the queue of the \(self.name) lane is full")))
                return
            }
            if let deadline { expire(cell, after: deadline) }
        }
        cell.timer.withLock { $0?.cancel() }
        return try cell.result.get()
    }

    private func expire<T: Sendable>(_ cell: ResultCell<T>, after deadline: Duration) {
        let timer = Task { [name] in
            do { try await Task.sleep(for: deadline) } catch { return }
            cell.settle(.failure(.init(.timedOut, detail: "the \(name) lane gave no answer within \(deadline)")))
        }
        cell.timer.withLock { $0 = timer }
        if cell.isSettled { timer.cancel() }
    }

    /// Ends the threads once they have finished what they do. Work that still waits is run first.
    public func stop() {
        condition.lock()
        isStopped = true
        condition.broadcast()
        condition.unlock()
    }

    private func submit(_ work: @escaping @Sendable () -> Void) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        guard !isStopped, queue.count < maximumQueued + idle + (maximumThreads - threads) else { return false }
        add(work)
        return true
    }

    /// Takes a piece of work whatever waits already.
    func enqueue(_ work: @escaping @Sendable () -> Void) {
        condition.lock()
        defer { condition.unlock() }
        add(work)
    }

    /// Puts work into the queue, which its caller has locked, and sees that a thread comes for it.
    private func add(_ work: @escaping @Sendable () -> Void) {
        queue.append((work, .now))
        if idle >= queue.count {
            condition.signal()
        } else if threads < maximumThreads {
            threads += 1
            startThread()
        }
    }

    private func startThread() {
        start(priority, named: name) { $0.work() }
        guard priority == .leftover, !hasHelper else { return }
        hasHelper = true
        start(.low, named: "\(name)-help") { $0.help() }
    }

    private func start(_ priority: LanePriority, named name: String, _ body: @escaping @Sendable (WorkLane) -> Void) {
        let thread = Thread { [self] in
            LaneThread.prepare(priority, name: name)
            body(self)
        }
        // libldap and libcrypt need little; 8 MiB a thread would be address space for nothing.
        thread.stackSize = 1 << 20
        thread.start()
    }

    private func work() {
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let job = next() {
                perform(job)
                continue
            }
            if isStopped { break }
            idle += 1
            let woken = condition.wait(until: Date(timeIntervalSinceNow: idleTime / .seconds(1)))
            idle -= 1
            if !woken && queue.isEmpty { break }
        }
        threads -= 1
    }

    /// Takes the piece of work that has waited longest.
    private func next() -> (@Sendable () -> Void)? {
        guard let (job, since) = queue.popFirst() else { return nil }
        waits.note(.now - since)
        return job
    }

    /// Does a piece of work without the lock, which its caller holds.
    private func perform(_ job: @escaping @Sendable () -> Void) {
        let number = begun
        begun += 1
        if priority == .leftover { running[number] = RunningWork(job) }
        doUnlocked(job)
        running[number] = nil
    }

    /// Does what the lane's threads don't come to because others keep the CPUs busy, for as long as the lane has threads.
    private func help() {
        condition.lock()
        defer { condition.unlock() }
        while threads > 0 {
            let now = ContinuousClock.now
            let starved = running.filter { $0.value.isStarved(at: now) }
            if let (number, work) = starved.filter({ !$0.value.isHelped }).min(by: { $0.key < $1.key }) {
                running[number]?.isHelped = true
                doUnlocked(work.body)
            } else if !starved.isEmpty, let job = next() {
                doUnlocked(job)
            } else {
                // No wait for `condition`: that would take signals that are meant for the lane's threads.
                doUnlocked { Thread.sleep(forTimeInterval: Self.helperInterval) }
            }
        }
        hasHelper = false
    }

    private func doUnlocked(_ body: () -> Void) {
        condition.unlock()
        body()
        condition.lock()
    }
}

/// Where a caller waits for work on a lane: settled once, by the work or by the deadline, whichever is first.
///
/// The result goes through the cell's lock, and not through the continuation: of one that is resumed before its task has come to wait,
/// ThreadSanitizer does not see that the one happens before the other.
private final class ResultCell<T: Sendable>: Sendable {
    private enum State {
        case idle
        case waiting(CheckedContinuation<Void, Never>)
        case settled(Result<T, SourceFailure>)
    }

    private let state = Locked<State>(.idle)
    let timer = Locked<Task<Void, Never>?>(nil)

    var isSettled: Bool {
        state.withLock { if case .settled = $0 { true } else { false } }
    }

    /// What came of it, once the continuation was resumed.
    var result: Result<T, SourceFailure> {
        state.withLock { state in
            guard case .settled(let result) = state else {
                return .failure(SourceFailure(.internal, detail: "nobody has settled what was waited for"))
            }
            return result
        }
    }

    func arm(_ continuation: CheckedContinuation<Void, Never>) {
        state.withLock { $0 = .waiting(continuation) }
    }

    func settle(_ result: Result<T, SourceFailure>) {
        let continuation: CheckedContinuation<Void, Never>? = state.withLock {
            guard case .waiting(let continuation) = $0 else { return nil }
            $0 = .settled(result)
            return continuation
        }
        continuation?.resume()
    }
}
