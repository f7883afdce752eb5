/// Why a source could not judge a credential.
public struct SourceFailure: Sendable, Hashable, Error, CustomStringConvertible {
    /// The kinds of failure. The raw value is a stable code for logs and `/readyz`.
    public enum Code: String, Sendable, Hashable {
        /// No connection, or one that broke.
        case unreachable
        /// A deadline passed.
        case timedOut = "timed-out"
        /// Its queue is full.
        case overloaded
        /// It answered, and its answer was that it can't serve (busy, shutting down, service account refused).
        case refused
        /// It can't be used as it is configured (TLS not trusted, base not found).
        case misconfigured
        /// Anything else, such as a failing disk.
        case `internal`
    }

    /// The kind of failure.
    public let code: Code
    /// What failed, where and what to do, for an operator. Never holds a secret, and never goes to a client.
    public let detail: String

    /// Describes a failure.
    /// - Parameters:
    ///   - code: its kind.
    ///   - detail: what failed, where, what to do; without any secret.
    public init(_ code: Code, detail: String) {
        self.code = code
        self.detail = detail
    }

    /// The code and the detail.
    public var description: String { "\(code.rawValue): \(detail)" }
}
