/// A state in several parts, each behind a lock of its own: threads that work on different keys seldom meet.
package final class Sharded<State: Sendable>: Sendable {
    private let parts: [Locked<State>]

    /// - Parameters:
    ///   - count: how many parts.
    ///   - make: makes the state of a part.
    package init(count: Int = 16, _ make: () -> State) {
        parts = (0..<count).map { _ in Locked(make()) }
    }

    /// Works on the part that a key belongs to.
    /// - Parameters:
    ///   - key: any number that is the same for the same key; its lowest bits choose the part.
    ///   - body: what to do while the part is locked. It must be short.
    package func withPart<T: Sendable>(of key: Int, _ body: (inout State) -> T) -> T {
        parts[Int(UInt(bitPattern: key) % UInt(parts.count))].withLock { body(&$0) }
    }

    /// Works on all parts, one after the other.
    package func forEach(_ body: (inout State) -> Void) {
        for part in parts { part.withLock { body(&$0) } }
    }
}
