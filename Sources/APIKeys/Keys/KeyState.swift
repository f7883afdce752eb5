/// Whether a key works, and if not, why.
public enum KeyState: String, Sendable, Hashable, CaseIterable {
    /// It works.
    case active
    /// Its time is over, or that of its overlap with a successor.
    case expired
    /// It was ended before its time.
    case revoked
    /// It was made before a stricter policy, which does not let it in as long as it holds.
    case blocked
}
