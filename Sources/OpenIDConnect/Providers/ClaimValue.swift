import Credentials

/// A value that an operator demands of a claim, compared as JSON: `true` is not the text "true", and 3 is not "3".
public enum ClaimValue: Sendable, Hashable {
    /// A text, compared byte by byte.
    case text(String)
    /// A number.
    case number(Double)
    /// A truth value.
    case bool(Bool)

    /// The largest number that is told from its neighbours (RFC 8259, 6).
    public static let maximumNumber = 9_007_199_254_740_991.0

    /// Whether a claim says it: by itself, or by a list in which it stands.
    func isSaid(by claim: Claims.Value) -> Bool {
        switch (self, claim) {
        case (_, .array(let values)): values.contains { isOne($0) }
        default: isOne(claim)
        }
    }

    private func isOne(_ value: Claims.Value) -> Bool {
        switch (self, value) {
        // Not by String's equality, which takes two forms of a letter for one.
        case (.text(let own), .text(let said)): own.utf8.elementsEqual(said.utf8)
        case (.number(let own), .number(let said)): own == said && abs(said) <= Self.maximumNumber
        case (.bool(let own), .bool(let said)): own == said
        default: false
        }
    }
}

extension ClaimValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral {
    /// A text.
    public init(stringLiteral value: String) { self = .text(value) }
    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// A number.
    public init(integerLiteral value: Int) { self = .number(Double(value)) }
}

extension Claims.Value {
    /// What can be the name of somebody: a text, or the decimal digits of a whole number, as of an employee.
    ///
    /// A number that is too large to be told from its neighbours is none: two people would have one name.
    var name: String? {
        switch self {
        case .text(let text): text
        case .number(let number)
        where number.rounded() == number && number >= 0 && number <= ClaimValue.maximumNumber:
            "\(Int64(number))"
        default: nil
        }
    }

    /// What it is, in words for an operator.
    var kind: String {
        switch self {
        case .text: "a text"
        case .number: "a number"
        case .bool: "a truth value"
        case .array: "a list"
        case .object: "an object"
        case .null: "null"
        }
    }
}
