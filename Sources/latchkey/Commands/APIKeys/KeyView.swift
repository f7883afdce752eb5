import Foundation

/// A key as the API answers with it.
struct KeyView: Decodable {
    /// The body of a list.
    struct List: Decodable {
        var apiKeys: [KeyView]
        /// Whether there may be more, as a source could not be asked.
        var incomplete: Bool?
    }

    var uuid: String
    var label: String
    var scopes: [String]?
    var createdAt: String
    var expirationDate: String
    var lastUsed: String
    var state: String?
    var blockedBy: String?
    var lastUsedFrom: String?
    var serviceAccount: String?
    var apiKey: String?

    /// What zot writes for no time.
    static let never = "0001-01-01"

    /// Reads a body.
    static func read<T: Decodable>(_ body: Data) throws -> T {
        do {
            return try JSONDecoder().decode(T.self, from: body)
        } catch {
            throw stranger
        }
    }

    /// The keys of a list, a line of JSON each, with all that the server says of them: also what this version does not know.
    /// - Parameter body: the list's body.
    /// - Throws: ``LatchkeyClient/Refusal`` if it is no list.
    static func lines(of body: Data) throws -> [String] {
        let list = try? JSONSerialization.jsonObject(with: body) as? [String: Any]
        guard let keys = list?["apiKeys"] as? [[String: Any]] else { throw stranger }
        return try keys.map { key in
            let line = try JSONSerialization.data(withJSONObject: key, options: [.sortedKeys, .withoutEscapingSlashes])
            return String(decoding: line, as: UTF8.self)
        }
    }

    private static let stranger = LatchkeyClient.Refusal(
        status: 503, description: "the server's answer is none of the key API's: is the address right?")

    /// The columns of a table.
    static let columns = ["UUID", "LABEL", "STATE", "SCOPES", "CREATED", "EXPIRES", "LAST USED"]

    /// The cells of its row.
    var cells: [String] {
        let state = [state, blockedBy.map { "(\($0))" }].compactMap(\.self).joined(separator: " ")
        let name = serviceAccount.map { "\(label) [\($0)]" } ?? label
        return [
            uuid, name, state, scopes.map { $0.joined(separator: " ") } ?? "", day(createdAt), day(expirationDate),
            [day(lastUsed), lastUsedFrom.map { "from \($0)" }].compactMap(\.self).joined(separator: " "),
        ]
    }

    private func day(_ time: String) -> String {
        time.hasPrefix(Self.never) ? "never" : String(time.prefix(10))
    }
}
