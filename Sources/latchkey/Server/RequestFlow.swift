import HTTPTypes

/// The state of the requests on one connection: which are answered on the spot, and which the server behind has.
///
/// Answers must go out in the order of their requests, so a request may be answered on the spot only if the server
/// behind owes none.
struct RequestFlow {
    enum Destination: Equatable {
        case forward
        case drop
    }

    private var owed = 0
    private var isReadingAnswered = false
    private var isReadingForwarded = false

    /// Whether the server behind waits for nothing and owes nothing. A request that stalls in its middle is idle too.
    var isIdle: Bool { owed == 0 || isReadingForwarded }

    /// Whether a request may be answered on the spot, if its credential is known: in its turn, without a body, and on a
    /// connection that stays open.
    func mayAnswer(_ head: HTTPRequest) -> Bool {
        guard owed == 0, head.headerFields[.transferEncoding] == nil, head.headerFields[.upgrade] == nil,
            head.headerFields[.contentLength].map({ $0 == "0" }) ?? true
        else { return false }
        return head.headerFields[.connection].map { $0.lowercased() == "keep-alive" } ?? true
    }

    mutating func readHead(isAnsweredHere: Bool) {
        isReadingAnswered = isAnsweredHere
        isReadingForwarded = !isAnsweredHere
        if !isAnsweredHere { owed += 1 }
    }

    mutating func readBody() -> Destination {
        isReadingAnswered ? .drop : .forward
    }

    mutating func readEnd() -> Destination {
        defer { (isReadingAnswered, isReadingForwarded) = (false, false) }
        return isReadingAnswered ? .drop : .forward
    }

    mutating func wroteEnd() {
        owed -= 1
    }
}
