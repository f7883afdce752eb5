import Credentials
import Foundation

/// Lists in a column, as JSON.
enum JSONText {
    private struct GroupValue: Codable {
        var name: String
        var dn: String?
    }

    static func encode(_ texts: [String]) -> String { text(texts) }
    static func encode(_ groups: [Group]) -> String {
        text(groups.map { GroupValue(name: $0.name, dn: $0.distinguishedName) })
    }

    static func texts(_ text: String) throws(PostgreSQLError) -> [String] {
        text == "[]" ? [] : try decode([String].self, text)
    }

    static func groups(_ text: String) throws(PostgreSQLError) -> [Group] {
        text == "[]" ? [] : try decode([GroupValue].self, text).map { Group(name: $0.name, distinguishedName: $0.dn) }
    }

    private static func text(_ value: some Encodable) -> String {
        (try? JSONEncoder().encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "[]"
    }

    private static func decode<T: Decodable>(_ type: T.Type, _ text: String) throws(PostgreSQLError) -> T {
        guard let value = try? JSONDecoder().decode(type, from: Data(text.utf8)) else { throw PostgreSQLRow.damaged }
        return value
    }
}
