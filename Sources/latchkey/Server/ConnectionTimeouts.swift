import NIOCore

/// How long a connection may keep the server waiting.
struct ConnectionTimeouts: Sendable {
    /// Closed when nothing has happened on it for so long.
    var idle = TimeAmount.seconds(75)
    /// How long a client that still sends may take to see that its connection has ended.
    static let lingering = TimeAmount.seconds(5)
    /// How long a server that stops waits for the first request of somebody who has just connected: they can't know, and have sent it already.
    static let newcomers = TimeAmount.seconds(2)
    /// From the end of one answer, or the beginning, until all of the next request has come; nil for no limit of its own.
    /// As in Go, and so in zot, this is the limit of idle connections too.
    var read: TimeAmount?
    /// From a request until its answer has gone out; nil for no limit.
    var write: TimeAmount?
}
