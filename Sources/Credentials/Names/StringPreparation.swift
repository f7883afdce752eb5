import Foundation

/// Text made comparable as a directory compares it: caseIgnoreMatch of RFC 4517, 4.2.11 over the preparation of RFC 4518.
///
/// Two spellings that a directory takes for one name come out the same: upper and lower case, compatibility forms
/// (`ｉｎｅｓ`), spaces at the ends and several in a row, characters that nobody sees.
public enum StringPreparation {
    /// Prepares a text.
    /// - Parameter text: any text.
    /// - Returns: the form to compare with; never longer in meaning than the text, empty if nothing visible is in it.
    public static func caseIgnore(_ text: String) -> String {
        // Nearly every name is this already, and this is on the way of every request.
        if text.utf8.allSatisfy(isPlain) { return text }
        var text = text
        if !text.utf8.allSatisfy({ $0 < 0x80 }) { text = mapped(text) }
        var prepared: [UInt8] = []
        prepared.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case 0x20, 0x09...0x0D:
                if let last = prepared.last, last != 0x20 { prepared.append(0x20) }
            case ..<0x20, 0x7F: continue
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): prepared.append(byte | 0x20)
            default: prepared.append(byte)
            }
        }
        if prepared.last == 0x20 { prepared.removeLast() }
        return String(decoding: prepared, as: UTF8.self)
    }

    /// Prepares a name.
    /// - Parameter name: any name.
    /// - Returns: the form to compare with.
    public static func caseIgnore(_ name: some ExactName) -> String { caseIgnore(name.text) }

    /// Lower-case letters, digits and what stands between them in names.
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte < 0x7F && byte > 0x20 && !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }

    /// RFC 4518, 2.2 (Map) and 2.3 (Normalize): what nobody sees goes, each kind of space is a space, case is folded.
    private static func mapped(_ text: String) -> String {
        var visible = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let properties = scalar.properties
            if properties.isDefaultIgnorableCodePoint || properties.generalCategory == .format { continue }
            // What ASCII calls white space, and the end of the line of EBCDIC, is seen to above.
            visible.append(properties.isWhitespace ? " " : scalar)
        }
        var folded = ""
        for scalar in String(visible).precomposedStringWithCompatibilityMapping.unicodeScalars {
            // Case folding knows one small sigma.
            folded += scalar == "ς" ? "σ" : scalar.properties.lowercaseMapping
        }
        var plain = String.UnicodeScalarView()
        for scalar in folded.precomposedStringWithCompatibilityMapping.unicodeScalars
        where scalar.properties.generalCategory != .control {
            plain.append(scalar)
        }
        return String(plain)
    }
}
