/// What a token, or a provider's answer about somebody, says.
struct Claims: Sendable {
    /// A value of JSON.
    enum Value: Sendable, Hashable {
        case text(String)
        case number(Double)
        case bool(Bool)
        case array([Value])
        case object([String: Value])
        case null

        /// The text, if it is one.
        var text: String? { if case .text(let text) = self { text } else { nil } }
        /// The number, if it is one.
        var number: Double? { if case .number(let number) = self { number } else { nil } }
        /// The values of a list, or the one that stands for a list.
        var texts: [String] {
            if case .array(let values) = self { values.compactMap(\.text) } else { [text].compactMap { $0 } }
        }
    }

    let values: [String: Value]

    init(_ values: [String: Value]) { self.values = values }

    /// A claim that is not null.
    subscript(name: String) -> Value? { values[name].flatMap { $0 == .null ? nil : $0 } }

    /// Whether the provider says that it has verified the address. Some write it as a text.
    var isEmailVerified: Bool { self["email_verified"] == .bool(true) || self["email_verified"] == .text("true") }
}
