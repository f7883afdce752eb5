import AuthService
import HTTPTypes
import NIOHTTP1

extension HTTPRequest.Method {
    /// The method of a request as NIO reads it.
    init(_ method: HTTPMethod) {
        switch method {
        case .GET: self = .get
        case .HEAD: self = .head
        case .POST: self = .post
        case .PUT: self = .put
        case .DELETE: self = .delete
        case .OPTIONS: self = .options
        case .PATCH: self = .patch
        // NIO's decoder lets only tokens through.
        default: self = HTTPRequest.Method(rawValue: method.rawValue) ?? .trace
        }
    }
}

/// NIO's own header fields, as they came: making others of them costs more than looking at the one or two that matter.
struct NIOFields: RequestFields {
    let headers: HTTPHeaders

    func values(of name: String) -> [String] { headers[name] }

    func value(of name: String) -> RequestField {
        guard let first = headers.first(name: name) else { return .absent }
        // One is what nearly every request has: only then is it worth knowing how many there are.
        var count = 0
        for (other, _) in headers where other.utf8.count == name.utf8.count && isSame(other, name) { count += 1 }
        return count == 1 ? .single(first) : .repeated
    }

    /// Compares names, which are ASCII, without regard to case.
    private func isSame(_ left: String, _ right: String) -> Bool {
        left == right || left.lowercased() == right.lowercased()
    }
}
