import NIOHTTP1

/// What a request's head must be looked at for before anybody answers, in one pass over its fields.
struct HeadForm: Equatable {
    /// Whether it says once for which host it is, as HTTP/1.1 must (RFC 9112, 3.2): which of two a proxy in front has looked at is anybody's guess.
    private(set) var hasHost = true
    /// Whether NIO's decoder reads nothing more behind it: another protocol may begin there. None does here, and a proxy that keeps the connection
    /// must be told that it ends.
    private(set) var endsParsing: Bool

    /// How long its line and its fields are together.
    private(set) var bytes: Int
    private(set) var fields = 0

    init(_ head: HTTPRequestHead) {
        endsParsing = head.method == .CONNECT
        bytes = head.uri.utf8.count + 16
        var hosts = 0
        for (name, value) in head.headers {
            fields += 1
            bytes += name.utf8.count + value.utf8.count + 4
            switch name.utf8.count {
            case 4 where Self.isSame(name, "host"): hosts += 1
            case 7 where Self.isSame(name, "upgrade"): endsParsing = true
            default: break
            }
        }
        hasHost = hosts == 1 || hosts == 0 && head.version == .http1_0
    }

    /// Whether it is longer, or has more fields, than a client may send.
    func isTooLarge(_ limits: ConnectionLimits) -> Bool {
        bytes > limits.headerBytes || fields > limits.headerFields
    }

    private static func isSame(_ name: String, _ lowercased: StaticString) -> Bool {
        lowercased.withUTF8Buffer { $0.elementsEqual(name.utf8, by: { $0 == $1 | 0x20 }) }
    }
}
