import Credentials

/// The body of a request to create a key. Every field may be missing; unknown ones are passed over, and names are read
/// without regard to case, as zot does: a key that was to end must not be one that never does.
struct CreateAPIKeyBody {
    /// The longest body that is read, in bytes.
    static let maximumLength = 8192

    var label: String?
    var scopes: [String]?
    /// RFC 3339; nil or empty for never, or for what the operator has made usual; `never` says so.
    var expirationDate: String?
    /// For the key of a service account: the person who answers for it.
    var responsible: String?

    /// Reads it.
    /// - Throws: `NewAPIKey.Problem` for what is no JSON object, for a field of another type, and for one that stands twice, at whatever depth: two
    ///   programs would read two keys.
    init(_ bytes: [UInt8]) throws(NewAPIKey.Problem) {
        let members: [String: JSONValue]
        do throws(JSONReader.Problem) {
            members = try JSONReader.object(bytes)
        } catch {
            throw error == .doubled ? .doubledField : Self.malformed
        }
        label = try Self.text("label", members)
        expirationDate = try Self.text("expirationDate", members)
        responsible = try Self.text("responsible", members)
        switch try Self.value("scopes", members) {
        case nil: break
        case .array(let values):
            let texts = values.compactMap(\.text)
            guard texts.count == values.count else { throw Self.malformed }
            scopes = texts
        default: throw Self.malformed
        }
    }

    private static let malformed = NewAPIKey.Problem(
        message: """
            the body is not a JSON object like {"label": "git", "scopes": ["repo1"], \
            "expirationDate": "2030-12-31T00:00:00Z"}; every field may be left out
            """)

    /// The one field of this name that is not null. Two that differ in case alone are refused: one of them would be lost silently.
    private static func value(
        _ name: String, _ members: [String: JSONValue]
    ) throws(NewAPIKey.Problem) -> JSONValue? {
        let found = members.filter { $0.key.lowercased().hasSameBytes(as: name.lowercased()) }
        guard found.count < 2 else { throw .doubledField }
        return found.first.flatMap { $0.value == .null ? nil : $0.value }
    }

    private static func text(
        _ name: String, _ members: [String: JSONValue]
    ) throws(NewAPIKey.Problem) -> String? {
        switch try value(name, members) {
        case nil: nil
        case .text(let text): text
        default: throw malformed
        }
    }
}

extension NewAPIKey.Problem {
    /// A field that stands twice.
    static let doubledField = Self(message: "the body has a field twice: which of the two is meant can't be known")
}
