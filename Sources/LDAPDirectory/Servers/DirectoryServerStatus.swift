/// How one server of a directory is doing, for metrics. What is counted only grows.
public struct DirectoryServerStatus: Sendable, Hashable {
    /// What may be expected of it.
    public enum State: String, Sendable, Hashable, CaseIterable {
        /// It answers.
        case good
        /// It keeps somebody waiting for longer than usual.
        case suspect
        /// It has failed, and is left alone but for a probe now and then.
        case failing
    }

    /// Its URL.
    public let url: String
    /// What may be expected of it.
    public let state: State
    /// Connections that are kept for the next request.
    public let idleConnections: Int
    /// Connections that were made.
    public let connections: Int
    /// Connections that could not be made, TLS included.
    public let connectionFailures: Int
    /// Searches and connections that it answered.
    public let answers: Int
    /// The time that those took together, in seconds.
    public let answerSeconds: Double
    /// Times that it failed to do something for us.
    public let failures: Int
}
