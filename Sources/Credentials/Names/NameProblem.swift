import Foundation

/// Why nobody may be called so. What a header field trims, what a log can't show, and what nobody sees would make two names of one, or one of two.
public enum NameProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// There is nothing.
    case empty
    /// It has more bytes than are looked at.
    case tooLong
    /// It has a control character, which RFC 7617, 2 forbids and a header field can't carry (RFC 9110, 5.5).
    case controlCharacter
    /// It has a character that nobody sees: of the category Cf (Unicode), or one that is ignored by default.
    case invisibleCharacter
    /// It begins or ends with white space, which is no part of a header field's value (RFC 9110, 5.5).
    case spaceAtAnEnd
    /// It has a white space that is no plain space (U+0020), and looks like one.
    case oddSpace
    /// It has a character that stands for another one, such as a wide letter or a ligature (HasCompat of RFC 8264, 9.17).
    case compatibilityForm
    /// Its characters can be written in another way that looks the same, and is usual (NFC, Unicode Standard Annex 15).
    case notComposed

    /// What is wrong with a name.
    /// - Parameters:
    ///   - name: the name.
    ///   - maximumLength: how many bytes it may have.
    /// - Returns: nil if somebody may be called so.
    public init?(of name: some StringProtocol, maximumLength: Int = CredentialRules.maximumUserNameLength) {
        guard let first = name.unicodeScalars.first, let last = name.unicodeScalars.last else {
            self = .empty
            return
        }
        guard name.utf8.count <= maximumLength else {
            self = .tooLong
            return
        }
        if first == " " || last == " " {
            self = .spaceAtAnEnd
            return
        }
        // Nearly every name is plain, and the property tables of Unicode are slow.
        if name.utf8.allSatisfy({ $0 > 0x1F && $0 < 0x7F }) { return nil }
        for scalar in name.unicodeScalars {
            let properties = scalar.properties
            switch properties.generalCategory {
            case .control, .surrogate:
                self = .controlCharacter
                return
            case .format:
                self = .invisibleCharacter
                return
            // U+2028 and U+2029 are lines to a viewer of logs.
            case .lineSeparator, .paragraphSeparator:
                self = .controlCharacter
                return
            default: break
            }
            // A blank of Braille, a note without a head; and what no font has anything for.
            if properties.isDefaultIgnorableCodePoint || properties.isNoncharacterCodePoint
                || properties.generalCategory == .privateUse || [0x2800, 0x1D159].contains(scalar.value)
            {
                self = .invisibleCharacter
                return
            }
            if properties.isWhitespace, scalar != " " {
                self = .oddSpace
                return
            }
        }
        return nil
    }

    /// What is wrong with a name that must be what it will be, to the byte.
    /// - Returns: nil if nothing is.
    static func ofExact(_ name: String) -> NameProblem? {
        if let problem = NameProblem(of: name) { return problem }
        guard composed(name).hasSameBytes(as: name) else { return .notComposed }
        return hasCompatibilityForms(name) ? .compatibilityForm : nil
    }

    /// Whether a name has characters that stand for others.
    static func hasCompatibilityForms(_ name: String) -> Bool {
        !name.utf8.allSatisfy { $0 < 0x80 }
            && !composed(name).precomposedStringWithCompatibilityMapping.hasSameBytes(as: composed(name))
    }

    /// The one form of a text whose characters can be written in several ways (NFC).
    static func composed(_ text: String) -> String {
        guard !text.utf8.allSatisfy({ $0 < 0x80 }) else { return text }
        var composed = text
        // Foundation leaves some Tibetan marks out of order (U+0F73, U+0F75) and puts them right the next time.
        for _ in 0..<3 {
            let next = composed.precomposedStringWithCanonicalMapping
            if next.hasSameBytes(as: composed) { break }
            composed = next
        }
        return composed
    }

    /// What is wrong.
    public var description: String {
        switch self {
        case .empty: "it is empty"
        case .tooLong: "it has over \(CredentialRules.maximumUserNameLength) bytes"
        case .controlCharacter: "it has a control character"
        case .invisibleCharacter: "it has a character that nobody sees"
        case .spaceAtAnEnd: "it has white space at an end"
        case .oddSpace: "it has a white space that is no plain space"
        case .compatibilityForm: "it has a character that is another form of a usual one"
        case .notComposed: "its characters are not composed (NFC)"
        }
    }
}
