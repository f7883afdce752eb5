import Credentials
import Foundation

/// When a token was made, by the clock of whoever made it: read from an ID token that was verified when it came, and kept since.
struct IssueTime {
    private struct Body: Decodable { var iat: Double }

    let date: Date

    /// - Returns: nil for what does not say.
    init?(of token: Secret) {
        let parts = token.bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, let bytes = Base64URL.decode(String(decoding: parts[1], as: UTF8.self)),
            let body = try? JSONDecoder().decode(Body.self, from: Data(bytes))
        else { return nil }
        date = Date(timeIntervalSince1970: body.iat)
    }
}
