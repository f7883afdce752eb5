import AuthService
import Credentials
import HTTPTypes

extension AuthRequest {
    /// A request as it came in.
    init(_ head: HTTPRequest, peer: IPAddress?) {
        self.init(method: head.method, target: head.path ?? "/", headers: head.headerFields, peer: peer)
    }
}

extension AuthResponse {
    /// The head of the response, with the length of its body.
    var head: HTTPResponse {
        var fields = headers
        if status != .noContent { fields[.contentLength] = String(body.count) }
        return HTTPResponse(status: status, headerFields: fields)
    }
}
