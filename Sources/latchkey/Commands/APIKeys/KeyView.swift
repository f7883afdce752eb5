import Foundation

/// A key as the API answers with it.
struct KeyView: Codable {
    /// The body of a list.
    struct List: Codable {
        var apiKeys: [KeyView]
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
            throw LatchkeyClient.Refusal(
                status: 503, description: "the server's answer is none of the key API's: is the address right?")
        }
    }

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
