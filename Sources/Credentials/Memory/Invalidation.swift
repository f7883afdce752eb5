import Synchronization

/// Counts the moments at which something that a source has said of a known credential may have stopped being true: a key
/// was revoked, a file was read again, a person is gone.
///
/// What an event loop keeps for itself is good only as long as the count is the same. It is one count for the
/// process, so that looking at it touches nothing that anybody else changes.
public enum Invalidation {
    private static let count = Atomic<UInt64>(0)

    /// Notes such a moment. A source calls it when an entry of a user changes (see ``CredentialSource/binding(of:)``), and before
    /// it answers whoever caused that.
    public static func note() { count.add(1, ordering: .acquiringAndReleasing) }

    /// How many there were.
    package static var current: UInt64 { count.load(ordering: .acquiring) }
}
