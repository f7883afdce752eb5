/// The body of a request to create a key. Every field may be missing; unknown ones are passed over, and names are read
/// without regard to case, as zot does: a key that was to end must not be one that never does.
struct CreateAPIKeyBody: Decodable {
    /// The longest body that is read, in bytes.
    static let maximumLength = 8192

    private struct Name: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    var label: String?
    var scopes: [String]?
    /// RFC 3339; nil or empty for never.
    var expirationDate: String?

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Name.self)
        /// The one key of this name. Two that differ in case alone are refused: one of them would be lost silently.
        func key(_ name: String) throws -> Name? {
            let keys = fields.allKeys.filter { $0.stringValue.lowercased() == name.lowercased() }
            guard keys.count < 2 else {
                throw DecodingError.dataCorrupted(
                    .init(codingPath: decoder.codingPath, debugDescription: "\(name) stands twice"))
            }
            return keys.first
        }
        label = try key("label").flatMap { try fields.decodeIfPresent(String.self, forKey: $0) }
        scopes = try key("scopes").flatMap { try fields.decodeIfPresent([String].self, forKey: $0) }
        expirationDate = try key("expirationDate").flatMap { try fields.decodeIfPresent(String.self, forKey: $0) }
    }
}
