/// Reads the cookies of a request (RFC 6265, 5.4), as they stand. Names and values are compared by their bytes.
enum CookieReader {
    /// The values of a cookie, in the order in which they came. There may be several, of which nobody can say which is whose.
    static func values(of name: String, in fields: [String]) -> [String] {
        pairs(fields).filter { $0.name.elementsEqual(name.utf8) }.map { String(Substring($0.value)) }
    }

    /// The names that begin so, with how many bytes each takes up, in the order in which they came: a browser sends the oldest first.
    static func sizes(beginning prefix: String, in fields: [String]) -> [(name: String, bytes: Int)] {
        pairs(fields).filter { $0.name.starts(with: prefix.utf8) }
            .map { (String(Substring($0.name)), $0.name.count + 1 + $0.value.count) }
    }

    private static func pairs(
        _ fields: [String]
    ) -> [(name: Substring.UTF8View, value: Substring.UTF8View)] {
        fields.flatMap { $0.utf8.split(separator: UInt8(ascii: ";")) }.compactMap { pair in
            let pair = Substring(pair).trimmingSpaces().utf8
            guard let mark = pair.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            return (pair[..<mark], pair[pair.index(after: mark)...])
        }
    }
}
