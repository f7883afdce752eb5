/// How a store finds the names that differ from one in the case of letters beyond ASCII. A store folds the letters of ASCII alone, whatever else its
/// rules are; so it offers the names that may be such, by what each store can compare, and whether they are is judged here.
///
/// Names that differ in the case of ASCII alone are found by the store itself.
package struct SpellingSearch: Sendable {
    /// What such a name begins with, its letters of ASCII in lower case. No longer than the part that is of ASCII.
    package let prefix: String
    /// How many characters (code points) such a name has.
    package let length: ClosedRange<Int>
    private let folded: String

    /// Describes the search.
    /// - Parameter name: the name.
    /// - Returns: nil for a name that a store can compare by itself: one without letters beyond ASCII, or without any that have a case.
    package init?(_ name: UserName) {
        folded = StringPreparation.caseIgnore(name)
        let scalars = Array(folded.unicodeScalars)
        guard scalars.contains(where: { !$0.isASCII && ($0.properties.isCased || $0 == Self.dot) }) else { return nil }
        var prefix = scalars.prefix(while: \.isASCII)
        // U+0130 becomes two in lower case, of which the first is of ASCII.
        if prefix.count < scalars.count, scalars[prefix.count] == Self.dot { prefix = prefix.dropLast() }
        self.prefix = String(String.UnicodeScalarView(prefix))
        let dots = scalars.count { $0 == Self.dot }
        // Some letters have no upper case of their own, and are written with a mark of its own there.
        let marks = scalars.reduce(0) {
            $1.isASCII ? $0 : $0 + max(0, $1.properties.uppercaseMapping.unicodeScalars.count - 1)
        }
        length = max(1, scalars.count - dots)...(scalars.count + marks)
    }

    /// The dot above that U+0130 has in lower case.
    private static let dot: Unicode.Scalar = "\u{307}"

    /// Whether a name that a store offers is such a one.
    /// - Parameter name: what the store has.
    package func finds(_ name: String) -> Bool { StringPreparation.caseIgnore(name).hasSameBytes(as: folded) }
}
