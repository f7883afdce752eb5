import Credentials

/// The body of a request that ends a leaked key: the key itself, or a JSON object with it as `key` or `apiKey`.
enum LeakedKeyBody {
    /// Finds what was reported. Anything at all is something: whoever asks must not learn what a key looks like.
    /// - Throws: `NewAPIKey.Problem` for an object that has a field twice, or names a key by both names: one of the two would go on to work, and whoever
    ///   has reported it would not know.
    static func secret(_ bytes: [UInt8]) throws(NewAPIKey.Problem) -> Secret {
        do throws(JSONReader.Problem) {
            let members = try JSONReader.object(bytes)
            let named = ["key", "apiKey"].compactMap { members[$0] }.filter { $0 != .null }
            guard named.count < 2 else { throw .doubled }
            if let text = named.first?.text { return Secret(text) }
        } catch {
            if error == .doubled { throw .doubledField }
        }
        let isSpace = { (byte: UInt8) in byte <= 0x20 }
        let text = bytes.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
        return Secret(bytes: Array(text))
    }
}
