/// Texts from outside as a terminal may have them: a character that no eye sees could move its cursor, hide what stands before it, or turn the
/// direction of a line.
enum Visible {
    /// A text that may have several lines, and tabs.
    static func text(_ text: String) -> String { shown(text) { $0 == "\n" || $0 == "\t" } }

    /// A text that is one line, whatever is in it.
    static func line(_ text: String) -> String { shown(text) { $0 == "\t" } }

    private static func shown(_ text: String, _ isFine: (Unicode.Scalar) -> Bool) -> String {
        guard text.utf8.contains(where: { $0 < 0x20 || $0 >= 0x7F }) else { return text }
        var shown = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            guard !isFine(scalar) else {
                shown.append(scalar)
                continue
            }
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator:
                // As JSON writes them (RFC 8259, 7).
                for unit in UTF16.encode(scalar)?.map(\.self) ?? [] {
                    let digits = String(unit, radix: 16)
                    shown += ("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).unicodeScalars
                }
            default: shown.append(scalar)
            }
        }
        return String(shown)
    }
}
