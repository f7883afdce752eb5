/// A text that decides something, and so is equal to nothing but the same bytes.
///
/// Swift's `String` is equal by canonical equivalence (Unicode Standard Annex 15): U+212A KELVIN SIGN is the letter `K` to it, and `ë` is `e` with a
/// combining mark. Files, databases, directories and header fields go by bytes. Where both decide about one name, a stranger becomes somebody
/// else. A type that conforms to this compares as the others do: by the bytes of its UTF-8, in memory too.
public protocol ExactName: Sendable, Hashable, Comparable, Codable, CustomStringConvertible,
    ExpressibleByStringInterpolation
{
    /// The text.
    var text: String { get }

    /// Takes a text as it stands. Nothing is checked or changed.
    /// - Parameter text: the text.
    init(_ text: String)
}

extension ExactName {
    /// Whether both are the same bytes.
    public static func == (left: Self, right: Self) -> Bool { left.text.hasSameBytes(as: right.text) }

    /// Orders by bytes, as stores do.
    public static func < (left: Self, right: Self) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    /// Feeds the bytes, eight at a time.
    public func hash(into hasher: inout Hasher) {
        var (word, count): (UInt64, UInt64) = (0, 0)
        for byte in text.utf8 {
            word = word << 8 | UInt64(byte)
            count += 1
            if count & 7 == 0 { hasher.combine(word) }
        }
        hasher.combine(word)
        hasher.combine(count)
    }

    /// The text.
    public var description: String { text }

    /// Takes a text of the source code.
    public init(stringLiteral text: String) { self.init(text) }

    /// Reads a text.
    /// - Parameter decoder: holds one text.
    /// - Throws: `DecodingError` if it does not.
    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    /// Writes the text.
    /// - Parameter encoder: takes one text.
    /// - Throws: what the encoder throws.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    /// Its bytes.
    public var utf8: String.UTF8View { text.utf8 }

    /// Whether it has no bytes.
    public var isEmpty: Bool { text.isEmpty }
}

extension StringProtocol {
    /// Whether two texts are the same bytes of UTF-8: what `==` between two texts does not say.
    /// - Parameter other: the other text.
    package func hasSameBytes(as other: some StringProtocol) -> Bool {
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }
}
