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
        var found: String?
        for (other, value) in headers where other.utf8.count == name.utf8.count && isSame(other, name) {
            guard found == nil else { return .repeated }
            found = value
        }
        return found.map { .single($0) } ?? .absent
    }

    func forEachName(_ body: (String) -> Void) {
        for (name, _) in headers { body(name) }
    }

    /// Compares names, which are ASCII, without regard to case.
    private func isSame(_ left: String, _ right: String) -> Bool {
        left == right || left.lowercased() == right.lowercased()
    }
}
