import Credentials
import Foundation
import Sessions

/// Lists in a column, as JSON.
enum JSONText {
    private struct GroupValue: Codable {
        var name: String
        var dn: String?
        /// The provider that has stated it.
        var by: String?

        init(_ group: Group) { (name, dn, by) = (group.name.text, group.distinguishedName, group.authority?.text) }

        var group: Group {
            by.map { Group(name: GroupName(name), of: GroupName($0)) }
                ?? Group(name: GroupName(name), distinguishedName: dn)
        }
    }

    static func encode(_ texts: [String]) -> String { text(texts) }
    static func encode(_ groups: [Group]) -> String {
        text(groups.map { GroupValue($0) })
    }

    static func encode(_ groups: StatedGroups) -> String { text(groups) }

    static func stated(_ text: String) throws(PostgreSQLError) -> StatedGroups {
        text == "[]" ? [] : try decode(StatedGroups.self, text)
    }

    static func texts(_ text: String) throws(PostgreSQLError) -> [String] {
        do {
            return try TextList.decode(text)
        } catch {
            throw PostgreSQLRow.damaged
        }
    }

    static func groups(_ text: String) throws(PostgreSQLError) -> [Group] {
        text == "[]" ? [] : try decode([GroupValue].self, text).map(\.group)
    }

    private static func text(_ value: some Encodable) -> String {
        (try? JSONEncoder().encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "[]"
    }

    private static func decode<T: Decodable>(_ type: T.Type, _ text: String) throws(PostgreSQLError) -> T {
        guard let value = try? JSONDecoder().decode(type, from: Data(text.utf8)) else { throw PostgreSQLRow.damaged }
        return value
    }
}
