public import HTTPTypes

/// The answer to an ``AuthRequest``.
public struct AuthResponse: Sendable {
    /// The status.
    public var status: HTTPResponse.Status
    /// The header fields, without `Content-Length`: the server knows it.
    public var headers: HTTPFields
    /// The body; a server leaves it out for `HEAD`.
    public var body: [UInt8]
    /// What it is counted as: the row of the table of routes that it is from; nil for none.
    var route: Int?

    /// An answer.
    init(_ status: HTTPResponse.Status, headers: HTTPFields = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}
