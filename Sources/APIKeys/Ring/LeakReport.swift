/// What came of the report of a key that somebody has found.
public struct LeakReport: Sendable {
    /// The key.
    public let key: APIKeyRecord
    /// What whoever had it has made of it by rotating it, and what it was made of: all that has ended with it, itself included. Empty for a key that was
    /// not rotated.
    public let family: [APIKeyRecord]
}
