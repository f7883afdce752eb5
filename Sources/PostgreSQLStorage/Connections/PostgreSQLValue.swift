import Credentials
import Foundation

/// A value that stands for a parameter of a statement.
enum PostgreSQLValue: Sendable {
    case text(String?)
    case number(Int64?)
    case bool(Bool)
    case bytes([UInt8])

    /// As PostgreSQL reads it; nil for NULL. A text has no NUL there: what holds one ends before it, and was never taken anywhere else.
    var text: String? {
        switch self {
        case .text(let text): text
        case .number(let number): number.map { "\($0)" }
        case .bool(let bool): bool ? "t" : "f"
        case .bytes(let bytes): "\\x" + bytes.hexadecimal
        }
    }

    static func text(_ name: (some ExactName)?) -> PostgreSQLValue { .text(name?.text) }
    static func text(_ uuid: UUID) -> PostgreSQLValue { .text(uuid.uuidString.lowercased()) }
    static func number(_ date: Date?) -> PostgreSQLValue { .number(date?.microseconds) }

    /// Several values, as PostgreSQL writes an array.
    static func array(_ values: some Sequence<String?>) -> PostgreSQLValue {
        let quoted = values.map { value in
            value.map { "\"" + $0.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\"" } ?? "NULL"
        }
        return .text("{" + quoted.joined(separator: ",") + "}")
    }

    /// Several values of bytes, as PostgreSQL writes an array.
    /// - Parameter values: each in hexadecimal digits.
    static func array(hexadecimal values: [String]) -> PostgreSQLValue {
        var text = "{"
        for (index, value) in values.enumerated() {
            text += index == 0 ? "\"\\\\x" : ",\"\\\\x"
            text += value
            text += "\""
        }
        return .text(text + "}")
    }
}
