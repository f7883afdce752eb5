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

    /// A list without white space whose texts need no escapes: then a quotation mark stands at their ends, and nowhere else.
    private static func plain(_ text: String) -> [String]? {
        var copy = text
        return copy.withUTF8 { bytes in
            guard bytes.count >= 4, bytes.starts(with: Array(#"[""#.utf8)), bytes.suffix(2).elementsEqual(#""]"#.utf8),
                !bytes.contains(UInt8(ascii: "\\"))
            else { return nil }
            var (texts, start, index): ([String], Int, Int) = ([], 2, 2)
            let end = bytes.count - 2
            while index <= end {
                guard bytes[index] == UInt8(ascii: "\"") else {
                    guard bytes[index] >= 0x20 else { return nil }
                    index += 1
                    continue
                }
                texts.append(String(decoding: bytes[start..<index], as: UTF8.self))
                if index == end { return texts }
                guard index + 2 <= end, bytes[index + 1] == UInt8(ascii: ","), bytes[index + 2] == UInt8(ascii: "\"")
                else { return nil }
                index += 3
                start = index
            }
            return nil
        }
    }
}
