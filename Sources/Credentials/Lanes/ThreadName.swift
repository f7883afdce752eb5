#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The name under which top(1) and perf(1) show a thread.
package enum ThreadName {
    /// Names the calling thread. Foundation's name of a thread does not reach the kernel, and Swift imports neither prctl(2)
    /// nor glibc's call. The kernel keeps 15 bytes.
    package static func set(_ name: String) {
        #if os(Linux)
            let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
            guard file >= 0 else { return }
            _ = write(file, name, name.utf8.count)
            close(file)
        #endif
    }
}
