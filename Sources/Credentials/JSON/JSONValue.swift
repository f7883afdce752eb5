/// A value of JSON (RFC 8259, 3), as ``JSONReader`` reads it.
package enum JSONValue: Sendable, Hashable {
    case text(String)
    case number(Double)
    case bool(Bool)
    case array([JSONValue])
    case object([String: JSONValue])
    case null

    /// The text, if it is one.
    package var text: String? { if case .text(let text) = self { text } else { nil } }
    /// The number, if it is one.
    package var number: Double? { if case .number(let number) = self { number } else { nil } }
    /// The values of a list, or the one that stands for a list.
    package var texts: [String] {
        if case .array(let values) = self { values.compactMap(\.text) } else { [text].compactMap { $0 } }
    }
}
