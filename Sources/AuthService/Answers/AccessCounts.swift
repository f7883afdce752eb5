import Synchronization

/// How often somebody was told who they are, and that they may not.
final class AccessCounts: Sendable {
    private let denials = Atomic<Int>(0)

    /// How often so far.
    var denied: Int { denials.load(ordering: .relaxed) }

    func countDenied() { denials.add(1, ordering: .relaxed) }
}
