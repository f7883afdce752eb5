#if THREAD_SANITIZER
    import Foundation

    /// A value behind a lock.
    ///
    /// Under ThreadSanitizer it is pthread's lock, whose calls the sanitizer sees. `Mutex` of Swift 6.3 takes its slow path
    /// inside a library that is not instrumented, so that each contended access would be reported as a race.
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
#else
    package import Synchronization

    /// A value behind a lock.
    package typealias Locked<Value> = Mutex<Value>
#endif
