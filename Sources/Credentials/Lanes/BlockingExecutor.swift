/// Threads on which tasks may block: what a task does here keeps no thread of Swift's cooperative pool, and no event loop, waiting.
///
/// Where a piece of work takes some microseconds, waking the thread of a ``WorkLane`` and being woken by it takes longer than the work. A task that
/// runs here already does such work right where it is.
public final class BlockingExecutor: TaskExecutor {
    /// Of normal priority: such a lane does each piece of work once, as a job demands.
    private let lane: WorkLane

    /// Makes the threads; they start when there is work for them.
    /// - Parameters:
    ///   - name: what they are called (the kernel shows 15 bytes).
    ///   - threads: how many there are at most.
    public init(name: String, threads: Int) {
        lane = WorkLane(name: name, threads: threads, maximumQueued: 0)
    }

    deinit { lane.stop() }

    /// How much the threads have to do.
    public var status: LaneStatus { lane.status }

    /// Takes a job of a task. A job can't be refused: who starts tasks bounds their number.
    /// - Parameter job: the job.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        lane.enqueue { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}
