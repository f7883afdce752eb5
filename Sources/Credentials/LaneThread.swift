#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What a thread of a lane sets up for itself before its first work.
enum LaneThread {
    /// Prepares the calling thread.
    /// - Parameter niceness: how much lower its priority shall be, 0 to 19. Lowering needs no privilege.
    static func prepare(niceness: Int32) {
        blockBrokenPipeSignal()
        guard niceness > 0 else { return }
        #if os(Linux)
            // On Linux "process 0" of setpriority(2) is the calling thread.
            _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness)
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
