import Foundation
public import Credentials
public import HTTPTypes

/// What a decision is a function of: method, path, headers and peer. No web framework in it.
public struct AuthRequest: Sendable {
    /// The method.
    public let method: HTTPRequest.Method
    /// The path with its query, as it stands in the request line.
    public let target: String
    /// The header fields.
    public let headers: HTTPFields
    /// The address at the other end of the socket; nil for a Unix socket.
    public let peer: IPAddress?
    /// When the request arrived.
    public let arrived: ContinuousClock.Instant
    /// Tells the request from others in the log, unless a proxy has named it.
    private let serial = UInt64.random(in: .min ... .max)

    /// Describes a request.
    /// - Parameters:
    ///   - method: the method.
    ///   - target: the path with its query.
    ///   - headers: the header fields.
    ///   - peer: the address at the other end of the socket; nil for a Unix socket.
    ///   - arrived: when it arrived.
    public init(
        method: HTTPRequest.Method, target: String, headers: HTTPFields, peer: IPAddress?,
        arrived: ContinuousClock.Instant = .now
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.peer = peer
        self.arrived = arrived
    }

    /// The request's id: the proxy's, or one made here.
    var id: String {
        let given = headers[FieldNames.requestID].flatMap { $0.isEmpty || $0.utf8.count > 128 ? nil : $0 }
        return given ?? String(serial, radix: 16)
    }

    /// The path without its query.
    var path: Substring { target.prefix { $0 != "?" } }

    /// The values of a parameter of the query, percent-decoded.
    /// - Parameter name: the parameter's name.
    /// - Returns: one value for each time it stands there; what can't be decoded stays as it is.
    func queryValues(_ name: String) -> [String] {
        target.dropFirst(path.count + 1).split(separator: "&").compactMap { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let key = parts.first, key == name else { return nil }
            let value = parts.count > 1 ? String(parts[1]) : ""
            return value.removingPercentEncoding ?? value
        }
    }
}
