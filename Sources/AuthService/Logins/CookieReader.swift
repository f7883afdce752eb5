/// Reads the cookies of a request (RFC 6265, 5.4), as they stand.
enum CookieReader {
    /// The value of a cookie.
    /// - Returns: nil if it is not there, or there are two that differ.
    static func value(of name: String, in fields: [String]) -> Substring? {
        let values = Set(pairs(fields).filter { $0.name == name }.map(\.value))
        return values.count == 1 ? values.first : nil
    }

    /// The names that begin so.
    static func names(beginning prefix: String, in fields: [String]) -> [String] {
        pairs(fields).map(\.name).filter { $0.hasPrefix(prefix) }.map { String($0) }
    }

    private static func pairs(_ fields: [String]) -> [(name: Substring, value: Substring)] {
        fields.flatMap { $0.split(separator: ";") }.compactMap { pair in
            let pair = pair.trimmingSpaces()
            guard let mark = pair.firstIndex(of: "=") else { return nil }
            return (pair[..<mark], pair[pair.index(after: mark)...])
        }
    }
}
