package import Foundation
import Synchronization

/// When something that is remembered was used, and whether that is still to be written. A use costs one number. Safe to share.
package struct UseMark: ~Copyable, Sendable {
    /// The latest use, in microseconds since 1970; 0 for none.
    private let used = Atomic<Int64>(0)
    /// Whether it is in the list of those whose use is still to be written.
    private let isListed = Atomic(false)
    /// When its use was last written, in microseconds since 1970.
    private let written = Atomic<Int64>(0)

    package init() {}

    /// Notes a use.
    /// - Returns: whether it must be put into the list.
    package func use(at date: Date) -> Bool {
        used.store(Self.microseconds(date), ordering: .relaxed)
        guard !isListed.load(ordering: .relaxed) else { return false }
        return !isListed.exchange(true, ordering: .acquiringAndReleasing)
    }

    /// Takes it out of the list.
    package func unlist() { isListed.store(false, ordering: .releasing) }

    /// The latest use; nil for none.
    package var latest: Date? {
        let used = used.load(ordering: .relaxed)
        return used == 0 ? nil : Self.date(used)
    }

    /// When its use was last written.
    package var lastWrite: Date { Self.date(written.load(ordering: .relaxed)) }

    /// Notes when its use was written.
    package func noteWrite(at date: Date) { written.store(Self.microseconds(date), ordering: .relaxed) }

    private static func microseconds(_ date: Date) -> Int64 { max(0, date.microseconds) }

    private static func date(_ microseconds: Int64) -> Date { Date(microseconds: microseconds) }
}
