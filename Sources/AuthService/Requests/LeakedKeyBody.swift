import Credentials

/// The body of a request that ends a leaked key: the key itself, or a JSON object with it as `key` or `apiKey`.
enum LeakedKeyBody {
    /// Finds what was reported. Anything at all is something: whoever asks must not learn what a key looks like.
    /// - Throws: `NewAPIKey.Problem` for an object that has a field twice, or names a key by both names: one of the two would go on to work, and whoever
    ///   has reported it would not know.
    static func secret(_ bytes: [UInt8]) throws(NewAPIKey.Problem) -> Secret {
        do throws(JSONReader.Problem) {
            let members = try JSONReader.object(bytes)
            // In whatever case, as the body that makes a key is read.
            let named = members.filter { ["key", "apikey"].contains($0.key.lowercased()) && $0.value != .null }.map(
                \.value)
            guard named.count < 2 else { throw .doubled }
            if let text = named.first?.text { return Secret(text) }
        } catch {
            if error == .doubled { throw .doubledField }
        }
        let isSpace = { (byte: UInt8) in byte <= 0x20 }
        var text = Array(bytes.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
        // A text of JSON: no key holds what would need an escape.
        if text.count >= 2, text.first == UInt8(ascii: "\""), text.last == UInt8(ascii: "\"") {
            text = Array(text.dropFirst().dropLast())
        }
        return Secret(bytes: text)
    }
}
