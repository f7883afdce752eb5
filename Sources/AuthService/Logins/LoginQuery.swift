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

    private static let led = "led=1"

    /// Reads the query of a request.
    init(_ request: AuthRequest) {
        let query = request.query
        // Only we set it, and in front.
        isLed = query.utf8.starts(with: Self.led.utf8)
        rest =
            isLed
            ? query[query.utf8.index(query.startIndex, offsetBy: Self.led.utf8.count)...].drop { $0 == "&" } : query
        let form = request.path.hasPrefix("/zot/") ? Operation.zotLogin.query : Operation.beginLogin.query
        var agains: [String] = []
        do throws(QueryForm.Problem) {
            for (name, value) in try form.read(rest) {
                switch name {
                case "provider": providers.append(value)
                // An address has no spaces: one that stands there was written as %20, or as a plus sign, which means the same in a query.
                case "callback_ui", "rd": targets.append(value.replacing(" ", with: "%20"))
                // As its client has sent it: a web server that can encode nothing hands it on whole (nginx's `$request_uri`).
                case "to": targets.append(value)
                case "again": agains.append(value)
                default: break
                }
            }
        } catch {
            // The table of routes has refused it already: it says nothing.
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
