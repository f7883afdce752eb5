#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Lowers the priority of the calling thread, where the system counts priorities by thread (Linux does).
/// - Parameter niceness: how many steps, 0 to 19. Lowering needs no privilege.
func lowerThreadPriority(by niceness: Int32) {
    #if os(Linux)
    guard niceness > 0 else { return }
    // On Linux "process 0" of setpriority(2) is the calling thread.
    _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness)
    #endif
}
