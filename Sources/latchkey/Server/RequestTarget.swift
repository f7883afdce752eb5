import AuthService
import Credentials
import NIOHTTP1

/// The four forms of a request's target (RFC 9112, 3.2), of which routes know one: a path with its query.
enum RequestTarget {
    /// Makes a path of a whole address. The host of the address counts then, whatever `Host` says (RFC 9112, 3.2.2); nobody gets more rights by it.
    /// - Parameter part: a part of a request of HTTP/1.
    /// - Returns: the same for what is no such head.
    static func normalized(_ part: HTTPServerRequestPart) -> HTTPServerRequestPart {
        guard case .head(let head) = part else { return part }
        return .head(normalized(head))
    }

    private static func normalized(_ head: HTTPRequestHead) -> HTTPRequestHead {
        guard head.uri.utf8.first != UInt8(ascii: "/"), head.method != .CONNECT,
            let (authority, target) = parts(ofAddress: head.uri)
        else { return head }
        var head = head
        // The whole server is written so where a client must send an address (RFC 9112, 3.2.4).
        head.uri = target.isEmpty ? head.method == .OPTIONS ? "*" : "/" : target
        // None, or two, are refused all the same in HTTP/1.1 (RFC 9112, 3.2).
        let hosts = head.headers["host"].count
        if hosts == 1 || hosts == 0 && head.version == .http1_0 {
            head.headers.replaceOrAdd(name: "Host", value: authority)
        }
        return head
    }

    /// - Returns: nil for what is no address of http or https, or names a user (RFC 9110, 4.2.4).
    private static func parts(ofAddress text: String) -> (authority: String, target: String)? {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")),
            text.utf8[colon...].starts(with: "://".utf8)
        else { return nil }
        let isSecure: Bool
        switch text[..<colon].lowercased() {
        case "http": isSecure = false
        case "https": isSecure = true
        default: return nil
        }
        let rest = text[colon...].utf8.dropFirst(3)
        let authority = String(Substring(rest.prefix { !"/?#".utf8.contains($0) }))
        // An empty port is the default one (RFC 3986, 3.2.3).
        let host = authority.utf8.last == UInt8(ascii: ":") ? authority.dropLast() : authority[...]
        guard WebOrigin(isSecure: isSecure, authority: host) != nil else { return nil }
        let target = String(Substring(rest.dropFirst(authority.utf8.count)))
        switch target.utf8.first {
        case nil, UInt8(ascii: "/"): return (authority, target)
        case UInt8(ascii: "?"): return (authority, "/\(target)")
        default: return nil
        }
    }

    /// The answer to a target that is no route's.
    /// - Returns: nil for a path.
    static func answer(_ head: HTTPRequestHead) -> AuthResponse? {
        if head.uri.utf8.first == UInt8(ascii: "/") { return nil }
        switch head.method {
        // A question about the whole server: whether it is there (RFC 9110, 9.3.7).
        case .OPTIONS where head.uri == "*": return .nothingToSay
        // This is no proxy.
        case .CONNECT: return .connectsNobody
        default:
            return .badRequest(
                "the target of a request is a path, or a whole address of http or https (RFC 9112, 3.2)")
        }
    }
}
