public import struct Foundation.Date
public import struct Foundation.UUID

/// What rotating a key has made of it.
public struct KeyRotation: Sendable, Hashable {
    /// When it was rotated.
    public let date: Date
    /// The key that came after it.
    public let successor: UUID
    /// Until when it works beside its successor.
    public let end: Date

    /// Describes a rotation.
    /// - Parameters:
    ///   - date: when the key was rotated.
    ///   - successor: the key that came after it.
    ///   - end: until when it works beside its successor.
    public init(date: Date, successor: UUID, end: Date) {
        self.date = date
        self.successor = successor
        self.end = end
    }
}
