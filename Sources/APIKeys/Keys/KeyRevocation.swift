public import struct Foundation.Date

/// The end of a key before its time.
public struct KeyRevocation: Sendable, Hashable {
    /// Who ended it, and why.
    public enum Cause: String, Sendable, Hashable {
        /// Its owner.
        case owner
        /// An administrator.
        case administrator
        /// Somebody who had the key itself, such as the finder of a leak.
        case holder
        /// A key of its family was rotated a second time: one of the two was stolen.
        case reuse
        /// Nobody: the htpasswd file, which knows its people by their names alone, had the owner no more. An administrator may restore the key.
        case departure
        /// The provider by which its owner logs in, which has ended their session.
        case provider
    }

    /// When.
    public let date: Date
    /// Who ended it, and why.
    public let cause: Cause

    /// Describes a revocation.
    /// - Parameters:
    ///   - date: when.
    ///   - cause: who ended the key, and why.
    public init(date: Date, cause: Cause) {
        self.date = date
        self.cause = cause
    }
}
