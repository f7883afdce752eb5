import Credentials
import Foundation
import JWTKit

/// What a token, or a provider's answer about somebody, says.
struct Claims: Sendable {
    /// A value of JSON.
    enum Value: Sendable, Hashable, Decodable {
        case text(String)
        case number(Double)
        case bool(Bool)
        case array([Value])
        case object([String: Value])
        case null

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let bool = try? container.decode(Bool.self) {
                self = .bool(bool)
            } else if let number = try? container.decode(Double.self) {
                self = .number(number)
            } else if let text = try? container.decode(String.self) {
                self = .text(text)
            } else if let array = try? container.decode([Value].self) {
                self = .array(array)
            } else {
                self = .object(try container.decode([String: Value].self))
            }
        }

        /// The text, if it is one.
        var text: String? { if case .text(let text) = self { text } else { nil } }
        /// The number, if it is one.
        var number: Double? { if case .number(let number) = self { number } else { nil } }
        /// The values of a list, or the one that stands for a list.
        var texts: [String] {
            if case .array(let values) = self { values.compactMap(\.text) } else { [text].compactMap { $0 } }
        }
    }

    private(set) var values: [String: Value]

    init(_ values: [String: Value]) { self.values = values }

    /// What a token says of itself, for choosing who might have signed it: nothing of it may be believed.
    /// - Returns: nil for what is no token.
    init?(unverified token: String) {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let bytes = Base64URL.decode(String(parts[1])),
            let values = try? JSONDecoder().decode([String: Value].self, from: Data(bytes))
        else { return nil }
        self.values = values
    }

    /// A claim that is not null.
    subscript(name: String) -> Value? { values[name].flatMap { $0 == .null ? nil : $0 } }

    /// Whether the provider says that it has verified the address. Some write it as a text.
    var isEmailVerified: Bool { self["email_verified"] == .bool(true) || self["email_verified"] == .text("true") }
}

extension Claims: JWTPayload {
    init(from decoder: any Decoder) throws {
        values = try decoder.singleValueContainer().decode([String: Value].self)
    }

    func encode(to encoder: any Encoder) throws {
        throw EncodingError.invalidValue(self, .init(codingPath: [], debugDescription: "claims are only read"))
    }

    /// What they must say is a matter of who reads them: see ``IDTokenRules``.
    func verify(using algorithm: some JWTAlgorithm) async throws {}
}
