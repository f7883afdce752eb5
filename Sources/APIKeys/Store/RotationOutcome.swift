/// What a store has made of putting a successor into a key's place.
public enum RotationOutcome: Sendable, Hashable {
    /// The successor is there.
    case done
    /// The key was rotated or revoked already, or there is none.
    case notCurrent
    /// While both worked the owner would have more keys than they may.
    case overLimit
}
