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
    let fields: any RequestFields
    /// The address at the other end of the socket; nil for a Unix socket.
    public let peer: IPAddress?
    /// When the request arrived.
    public let arrived: ContinuousClock.Instant
    /// Tells the request from others in the log, unless a proxy has named it.
    private let serial: UInt64
    /// The path without its query.
    let path: Substring
    /// Whose certificate the client has shown; nil if it has shown none. A credential in the request goes before it.
    public var certificate: ClientCertificate?
    /// What the door itself tells of the request that it asks about, where it needs no header field for that.
    let original: OriginalRequest?

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
        self.init(method: method, target: target, fields: headers, peer: peer, arrived: arrived)
    }

    /// Describes a request whose header fields are kept in a form of the server's own.
    /// - Parameters:
    ///   - method: the method.
    ///   - target: the path with its query.
    ///   - fields: the header fields.
    ///   - peer: the address at the other end of the socket; nil for a Unix socket.
    ///   - arrived: when it arrived.
    ///   - serial: a number that no other request has; nil to have one made.
    public init(
        method: HTTPRequest.Method, target: String, fields: any RequestFields, peer: IPAddress?,
        arrived: ContinuousClock.Instant = .now, serial: UInt64? = nil
    ) {
        self.init(
            method: method, target: target, fields: fields, peer: peer, arrived: arrived, serial: serial, original: nil)
    }

    init(
        method: HTTPRequest.Method, target: String, fields: any RequestFields, peer: IPAddress?,
        arrived: ContinuousClock.Instant, serial: UInt64?, original: OriginalRequest?
    ) {
        self.original = original
        self.serial = serial ?? RequestSerial.next()
        self.method = method
        self.target = target
        self.fields = fields
        self.peer = peer
        self.arrived = arrived
        path = Self.path(of: target)
    }

    /// A target without its query.
    static func path(of target: String) -> Substring {
        target[..<(target.utf8.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex)]
    }

    /// The first value of a field.
    func field(_ name: String) -> String? { fields.values(of: name).first }

    /// The request's id: the proxy's, or one made here.
    var id: String {
        let given = field(FieldNames.requestID).flatMap { $0.isEmpty || $0.utf8.count > 128 ? nil : $0 }
        return given ?? String(serial, radix: 16)
    }

    /// What stands behind the question mark.
    var query: Substring { Substring(target.utf8[path.endIndex...].dropFirst()) }

    /// The values of a parameter of the query, decoded as a form's are: a plus sign is a space. What the route's ``QueryForm`` does not take was
    /// refused before.
    /// - Parameter name: the parameter's name.
    /// - Returns: one value for each time it stands there; what can't be decoded stays as it is.
    func queryValues(_ name: String) -> [String] {
        FormText.decode(query).filter { $0.name.hasSameBytes(as: name) }.map(\.value)
    }
}
