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
    /// RFC 3339; nil or empty for never, or for what the operator has made usual; `never` says so.
    var expirationDate: String?
    /// For the key of a service account: the person who answers for it.
    var responsible: String?

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Name.self)
        /// The one key of this name. Two that differ in case alone are refused: one of them would be lost silently.
        func value<T: Decodable>(_ name: String, _ type: T.Type) throws -> T? {
            let keys = fields.allKeys.filter { $0.stringValue.lowercased() == name.lowercased() }
            guard keys.count < 2 else {
                throw DecodingError.dataCorrupted(
                    .init(codingPath: decoder.codingPath, debugDescription: "\(name) stands twice"))
            }
            return try keys.first.flatMap { try fields.decodeIfPresent(type, forKey: $0) }
        }
        label = try value("label", String.self)
        scopes = try value("scopes", [String].self)
        expirationDate = try value("expirationDate", String.self)
        responsible = try value("responsible", String.self)
    }
}
