import NIOCore
import NIOHTTP1

/// Puts the parts of one request after another together, and keeps no more of a body than it may have.
///
/// A request whose answer does not depend on its body is complete when its head is there, and one whose body is too long
/// when that is known: neither waits for what may never come. Its rest is dropped, and never read as a request.
struct RequestReader {
    /// A request that can be answered.
    struct Request: Equatable {
        let head: HTTPRequestHead
        /// Nil if it is longer than the limit.
        let body: [UInt8]?
    }

    private enum State {
        case betweenRequests
        /// The head is there and is enough; perhaps the rest comes in the same read.
        case headIsEnough(HTTPRequestHead)
        /// The head has announced no body: its end comes at once.
        case bare(HTTPRequestHead)
        case reading(HTTPRequestHead, body: [UInt8])
        /// The request is being answered, or has been; so many bytes of its body have been dropped.
        case skippingRest(isExpected: Bool, dropped: Int)
    }

    private let bodyLimit: (HTTPRequestHead) -> Int?
    /// That of the request that is being read.
    private var limit = 0
    private var state = State.betweenRequests

    /// - Parameter bodyLimit: how many bytes the body of a request may have; nil if its answer does not depend on one.
    init(bodyLimit: @escaping (HTTPRequestHead) -> Int?) {
        self.bodyLimit = bodyLimit
    }

    /// How much of a body that nobody reads is taken in so that the connection can go on.
    static let drainLimit = 65_536
    /// How much of it is taken in before the connection ends, so that the client can read its answer: many send all of a body before they look.
    static let lingeringLimit = 4 << 20

    /// Whether all of the last request has come.
    var isComplete: Bool {
        if case .betweenRequests = state { true } else { false }
    }

    /// Whether the rest of the last request is short enough, and likely enough to come, to wait for it after the answer.
    ///
    /// Whoever announces a body to a route that needs none may be a proxy that asks on behalf of another request
    /// (auth_request of nginx), and will never send it.
    var isWorthDraining: Bool {
        guard case .skippingRest(let isExpected, let dropped) = state else { return true }
        return isExpected && dropped <= Self.drainLimit
    }

    /// Whether more has been dropped than any client should send in vain.
    var isFlooded: Bool {
        if case .skippingRest(_, let dropped) = state { dropped > Self.lingeringLimit } else { false }
    }

    /// Whether the client waits to be told that it may send the body (RFC 9110, 10.1.1).
    var awaitsContinue: Bool {
        guard case .reading(let head, let body) = state, body.isEmpty else { return false }
        return Self.expectsContinue(head)
    }

    /// Takes the next part that the client sent.
    /// - Returns: the request, once it can be answered.
    mutating func read(_ part: HTTPServerRequestPart) -> Request? {
        switch (part, state) {
        case (.head(let head), _):
            if Self.announcesBody(head) {
                let allowed = bodyLimit(head)
                limit = allowed ?? 0
                // Who asks before it sends a body that is too long need not send it (RFC 9110, 10.1.1).
                if let allowed, Self.expectsContinue(head), Self.length(head).map({ $0 > allowed }) ?? false {
                    state = .skippingRest(isExpected: false, dropped: 0)
                    return Request(head: head, body: nil)
                }
                state = allowed == nil ? .headIsEnough(head) : .reading(head, body: [])
            } else {
                state = .bare(head)
            }
        case (.body(let part), .reading(let head, var body)):
            // Lets go of the state's copy first: the body is appended to in place.
            state = .skippingRest(isExpected: true, dropped: part.readableBytes)
            guard body.count + part.readableBytes <= limit else { return Request(head: head, body: nil) }
            body.append(contentsOf: part.readableBytesView)
            state = .reading(head, body: body)
        case (.body(let part), .skippingRest(let isExpected, let dropped)):
            state = .skippingRest(isExpected: isExpected, dropped: dropped + part.readableBytes)
        case (.end, .reading(let head, let body)):
            state = .betweenRequests
            return Request(head: head, body: body)
        case (.end, .bare(let head)), (.end, .headIsEnough(let head)):
            state = .betweenRequests
            return Request(head: head, body: [])
        case (.end, _):
            state = .betweenRequests
        case (.body, _):
            break
        }
        return nil
    }

    /// Notes that nothing more has come for now.
    /// - Returns: the request whose head is enough, if its body has not come with it.
    mutating func readComplete() -> Request? {
        guard case .headIsEnough(let head) = state else { return nil }
        state = .skippingRest(isExpected: false, dropped: 0)
        return Request(head: head, body: [])
    }

    private static func expectsContinue(_ head: HTTPRequestHead) -> Bool {
        head.version == .http1_1
            && head.headers[canonicalForm: "expect"].contains { $0.lowercased() == "100-continue" }
    }

    /// The length that a body is said to have; nil where nobody says it. A number that is too large for one is as large as can be.
    private static func length(_ head: HTTPRequestHead) -> Int? {
        // What is no number the decoder has refused.
        head.headers["content-length"].first.map { Int($0) ?? .max }
    }

    private static func announcesBody(_ head: HTTPRequestHead) -> Bool {
        let headers = head.headers
        if headers.contains(name: "transfer-encoding") { return true }
        return headers.contains(name: "content-length")
            && headers["content-length"].contains { $0.contains { $0 != "0" } }
    }
}
