import NIOCore
import NIOHTTP1

/// Puts the parts of one request after another together, and keeps no more of a body than it may have.
///
/// A request whose body is too long is complete at once, so that its answer need not wait for the rest.
struct RequestReader {
    /// A request that can be answered.
    struct Request: Equatable {
        let head: HTTPRequestHead
        /// Nil if it is longer than the limit.
        let body: [UInt8]?
    }

    private enum State {
        case betweenRequests
        case reading(HTTPRequestHead, body: [UInt8])
        case skippingRest
    }

    private let bodyLimit: Int
    private var state = State.betweenRequests

    /// - Parameter bodyLimit: how many bytes a body may have.
    init(bodyLimit: Int) {
        self.bodyLimit = bodyLimit
    }

    /// Takes the next part that the client sent.
    /// - Returns: the request, once it is complete.
    mutating func read(_ part: HTTPServerRequestPart) -> Request? {
        switch (part, state) {
        case (.head(let head), _):
            state = .reading(head, body: [])
        case (.body(let part), .reading(let head, var body)):
            // Lets go of the state's copy first: the body is appended to in place.
            state = .skippingRest
            guard body.count + part.readableBytes <= bodyLimit else { return Request(head: head, body: nil) }
            body.append(contentsOf: part.readableBytesView)
            state = .reading(head, body: body)
        case (.end, .reading(let head, let body)):
            state = .betweenRequests
            return Request(head: head, body: body)
        case (.end, _):
            state = .betweenRequests
        case (.body, _):
            break
        }
        return nil
    }
}
