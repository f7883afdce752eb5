import Credentials

/// What a token, or a provider's answer about somebody, says.
struct Claims: Sendable {
    /// A value of JSON.
    typealias Value = JSONValue

    let values: [String: Value]

    init(_ values: [String: Value]) { self.values = values }

    /// A claim that is not null.
    subscript(name: String) -> Value? { values[name].flatMap { $0 == .null ? nil : $0 } }

    /// Whether the provider says that it has verified the address. Some write it as a text.
    var isEmailVerified: Bool { self["email_verified"] == .bool(true) || self["email_verified"] == .text("true") }
}
