#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What a thread of a lane sets up for itself before its first work.
enum LaneThread {
    /// SCHED_IDLE of sched(7), which glibc shows to GNU sources alone.
    private static let idlePolicy: Int32 = 5

    /// Prepares the calling thread. Lowering a priority needs no privilege; where it is refused all the same the thread
    /// works at the one that it has.
    static func prepare(_ priority: LanePriority, name: String) {
        ThreadName.set(name)
        blockBrokenPipeSignal()
        guard priority != .normal else { return }
        #if os(Linux)
            // On Linux "process 0" of setpriority(2) is the calling thread. Niceness orders idle threads among themselves,
            // and holds alone where a sandbox forbids the policy.
            _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, priority.niceness)
            if priority == .leftover {
                var none = sched_param(sched_priority: 0)
                _ = sched_setscheduler(0, idlePolicy, &none)
            }
        #endif
    }

    /// libldap writes to connections that a server has closed meanwhile: the signal would end a program that embeds us
    /// and has not asked to ignore it. Blocked for this thread alone; the write fails with EPIPE all the same.
    private static func blockBrokenPipeSignal() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}
