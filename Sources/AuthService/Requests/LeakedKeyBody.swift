import Credentials
import Foundation

/// The body of a request that ends a leaked key: the key itself, or a JSON object with it as `key` or `apiKey`.
struct LeakedKeyBody: Decodable {
    private var key: String?
    private var apiKey: String?

    /// Finds what was reported. Anything at all is something: whoever asks must not learn what a key looks like.
    static func secret(_ bytes: [UInt8]) -> Secret {
        if let body = try? JSONDecoder().decode(Self.self, from: Data(bytes)), let key = body.key ?? body.apiKey {
            return Secret(key)
        }
        let isSpace = { (byte: UInt8) in byte <= 0x20 }
        let text = bytes.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
        return Secret(bytes: Array(text))
    }
}
