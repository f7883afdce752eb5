import Credentials
import Foundation
import HTTPTypes

/// The variables of a web server's request (RFC 3875, 4.1), as the header fields that they were.
struct FastCGIFields: RequestFields {
    private let variables: [String: String]

    init(_ variables: [String: String]) { self.variables = variables }

    func values(of name: String) -> [String] {
        if name == FieldNames.authorization { return authorization.map { [$0] } ?? [] }
        return variables["HTTP_" + name.uppercased().replacing("-", with: "_")].map { [$0] } ?? []
    }

    func forEachName(_ body: (String) -> Void) {}

    /// Apache hands the parts of a Basic credential on, unless it is told to hand on the whole header (`CGIPassAuth`).
    private var authorization: String? {
        if let whole = variables["HTTP_AUTHORIZATION"] { return whole }
        guard let password = variables["REMOTE_PASSWD"] else { return nil }
        return "Basic " + Data("\(variables["REMOTE_USER"] ?? ""):\(password)".utf8).base64EncodedString()
    }
}

extension AuthRequest {
    /// Where the operator of the web server says what is demanded: as in the query of `/auth/verify`.
    static let demandVariable = "LATCHKEY_DEMAND"

    /// The request that a web server asks its FastCGI authorizer about. The web server is who says so, and no header field of its client.
    /// - Parameters:
    ///   - variables: the web server's variables.
    ///   - arrived: when they had all come.
    ///   - serial: a number that no other request has.
    public init(fastCGI variables: [String: String], arrived: ContinuousClock.Instant = .now, serial: UInt64? = nil) {
        let demand = variables[Self.demandVariable].map { $0.isEmpty ? "" : "?\($0)" } ?? ""
        self.init(
            method: .get, target: RouteTable.verifyPath + demand, fields: FastCGIFields(variables), peer: nil,
            arrived: arrived, serial: serial,
            original: OriginalRequest(
                method: variables["REQUEST_METHOD"] ?? "", target: variables["REQUEST_URI"] ?? "",
                host: variables["HTTP_HOST"], client: variables["REMOTE_ADDR"].flatMap { IPAddress($0) }))
    }
}
