import Credentials
import Foundation

/// What a browser asks the login page for, or zot's way in.
struct LoginQuery {
    /// The providers that it names.
    private(set) var providers: [String] = []
    /// Where it wants to go afterwards, percent-decoded once; each that it names.
    private(set) var targets: [String] = []
    /// Whether somebody must show who they are although they have a session.
    let isAgain: Bool
    /// Whether it has been led here from another name of this server.
    let isLed: Bool
    /// What it says, without ``isLed``, as it stands.
    let rest: Substring

    /// The parameter behind which an address stands as a client has sent it: whatever follows is part of that, and says nothing to us. So a web
    /// server that can encode nothing can hand it on whole (nginx's `$request_uri`).
    private static let last = "to"
    private static let led = "led=1"

    /// Reads the query of a request.
    init(_ request: AuthRequest) {
        let query = request.query
        // Only we set it, and in front.
        isLed = query.utf8.starts(with: Self.led.utf8)
        rest =
            isLed
            ? query[query.utf8.index(query.startIndex, offsetBy: Self.led.utf8.count)...].drop { $0 == "&" } : query
        var agains: [String] = []
        for pair in rest.utf8.split(separator: UInt8(ascii: "&")) {
            let name = pair.prefix { $0 != UInt8(ascii: "=") }
            let value = Substring(pair.dropFirst(name.count + 1))
            // zot's way in has no such parameter.
            if name.elementsEqual(Self.last.utf8), request.path.utf8.elementsEqual(AuthService.loginPath.utf8) {
                targets.append(String(rest[value.startIndex...]))
                break
            }
            let decoded = value.removingPercentEncoding ?? String(value)
            switch String(Substring(name)) {
            case "provider": providers.append(decoded)
            case "callback_ui", "rd": targets.append(decoded)
            case "again": agains.append(decoded)
            default: break
            }
        }
        isAgain = agains == ["1"]
    }

    /// Where it wants to go; nil if it does not say, or names two places.
    var target: String? { targets.count == 1 ? targets.first : nil }

    /// The query for another name of this server: the same, with the mark that it was led there, and with no byte that a header field can't have.
    var led: String {
        let text = rest.utf8.map { byte in
            (0x21..<0x7F).contains(byte) ? String(UnicodeScalar(byte)) : "%" + [byte].hexadecimal.uppercased()
        }
        return Self.led + (rest.isEmpty ? "" : "&\(text.joined())")
    }
}
