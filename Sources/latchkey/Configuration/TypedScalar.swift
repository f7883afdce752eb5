import Foundation
import Yams

/// A scalar of a configuration file with its type, where that makes a difference: what is compared with JSON.
///
/// By YAML's JSON schema (YAML 1.2.2, 10.2): what looks like a number but has leading zeros, as the number of an employee may, is a text.
enum TypedScalar: Sendable, Hashable {
    case text(String)
    case number(Double)
    case bool(Bool)

    /// Reads it.
    /// - Returns: nil for nothing, and for a number that can't be told from its neighbours.
    init?(_ scalar: Node.Scalar) {
        let text = scalar.string
        // Quotation marks make a text of anything.
        guard ![.singleQuoted, .doubleQuoted, .literal, .folded].contains(scalar.style) else {
            self = .text(text)
            return
        }
        switch text {
        case "", "~", "null", "Null", "NULL": return nil
        case "true", "True", "TRUE": self = .bool(true)
        case "false", "False", "FALSE": self = .bool(false)
        default:
            guard text.wholeMatch(of: #/-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/#) != nil,
                let number = Double(text)
            else {
                self = .text(text)
                return
            }
            guard abs(number) < 9_007_199_254_740_992 else { return nil }
            self = .number(number)
        }
    }
}
