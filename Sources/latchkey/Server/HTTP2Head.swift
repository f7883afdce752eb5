import AuthService
import HTTPTypes
import NIOHPACK
import NIOHTTP1

/// The heads of requests and answers as HTTP/2 has them (RFC 9113, 8), to and from those that ``RequestReader`` and ``AuthService`` know.
enum HTTP2Head {
    /// Reads a request's head. What is no field of HTTP/2 the library has refused already.
    /// - Parameters:
    ///   - fields: the fields, with those that begin with a colon.
    ///   - isWhole: whether no body follows.
    /// - Returns: nil if the method or the path is missing.
    static func request(_ fields: HPACKHeaders, isWhole: Bool) -> HTTPRequestHead? {
        var (method, path, authority): (String?, String?, String?)
        var (headers, cookies, hasLength) = (HTTPHeaders(), [String](), false)
        headers.reserveCapacity(fields.count)
        for (name, value, _) in fields {
            switch name {
            case ":method": method = value
            case ":path": path = value
            case ":authority": authority = value
            // They may come in pieces (8.2.3).
            case "cookie": cookies.append(value)
            case _ where name.hasPrefix(":"): break
            default:
                if name == "content-length" { hasLength = true }
                headers.add(name: name, value: value)
            }
        }
        guard let method, let path, !path.isEmpty else { return nil }
        // A proxy that hands on a request of HTTP/1.1 may send Host instead (8.3.1). Where they differ both are there, which is refused as two Hosts are.
        if let authority, headers["host"] != [authority] { headers.add(name: "host", value: authority) }
        if !cookies.isEmpty { headers.add(name: "cookie", value: cookies.joined(separator: "; ")) }
        // What follows has no length that anybody has said: as HTTP/1.1 says it.
        if !isWhole, !hasLength { headers.add(name: "transfer-encoding", value: "chunked") }
        return HTTPRequestHead(
            version: .http2, method: HTTPMethod(rawValue: method), uri: path, headers: headers)
    }

    /// An answer's head.
    static func response(_ response: AuthResponse) -> HPACKHeaders {
        var fields: [(String, String)] = [(":status", String(response.status.code))]
        for field in response.headers { fields.append((field.name.canonicalName, field.value)) }
        // RFC 9110, 8.6: none with 204.
        if response.status != .noContent { fields.append(("content-length", String(response.body.count))) }
        return HPACKHeaders(fields)
    }
}
