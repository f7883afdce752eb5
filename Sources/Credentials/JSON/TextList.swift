import Foundation

/// A list of texts in a column of a store, as JSON.
package enum TextList {
    /// Reads a list. What stores write themselves is read without a decoder, which takes ten times as long: a list of keys has thousands.
    /// - Parameter text: the list, as JSON.
    /// - Throws: what a decoder throws at what is none.
    package static func decode(_ text: String) throws -> [String] {
        if text == "[]" { return [] }
        return try plain(text) ?? JSONDecoder().decode([String].self, from: Data(text.utf8))
    }

    /// A list without white space whose texts need no escapes but that of a slash, which JSON's encoders write: then a quotation mark stands at their
    /// ends, and nowhere else.
    private static func plain(_ text: String) -> [String]? {
        var copy = text
        return copy.withUTF8 { bytes in
            guard bytes.count >= 4, bytes.starts(with: #"[""#.utf8), bytes.suffix(2).elementsEqual(#""]"#.utf8) else {
                return nil
            }
            let (quote, backslash, slash) = (UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"))
            var (texts, start, index, hasEscapes): ([String], Int, Int, Bool) = ([], 2, 2, false)
            let end = bytes.count - 2
            while index <= end {
                switch bytes[index] {
                case quote:
                    let part = bytes[start..<index]
                    texts.append(
                        hasEscapes
                            ? String(decoding: part.filter { $0 != backslash }, as: UTF8.self)
                            : String(decoding: part, as: UTF8.self))
                    if index == end { return texts }
                    guard index + 2 <= end, bytes[index + 1] == UInt8(ascii: ","), bytes[index + 2] == quote else {
                        return nil
                    }
                    index += 3
                    (start, hasEscapes) = (index, false)
                case backslash:
                    guard bytes[index + 1] == slash else { return nil }
                    hasEscapes = true
                    index += 2
                case 0..<0x20: return nil
                default: index += 1
                }
            }
            return nil
        }
    }
}
