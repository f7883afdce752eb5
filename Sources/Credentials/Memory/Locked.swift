import Foundation

/// A value behind a lock.
///
/// It is pthread's lock and not `Mutex` of Swift 6.3, which on Linux is a priority-inheritance futex behind a spin of a thousand
/// rounds: the kernel hands such a lock to the thread that has waited longest, so that 64 threads of a lane on two CPUs form a
/// convoy (15 % of a directory login's time went there). ThreadSanitizer sees pthread's calls, too.
///
/// `@unchecked Sendable`: `value` is touched only while `lock` is held.
package final class Locked<Value>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value

    package init(_ value: sending Value) {
        self.value = value
    }

    package func withLock<Result, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        lock.lock()
        defer { lock.unlock() }
        return try body(&value)
    }
}
