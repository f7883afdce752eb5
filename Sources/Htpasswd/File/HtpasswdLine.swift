/// The grammar of one line: `user:hash`, with what Apache lets pass around it.
enum HtpasswdLine {
    /// What a line is.
    enum Content: Equatable {
        /// Blank, or a comment.
        case nothing
        case missingColon
        case emptyUserName
        /// A user: the ranges of the name and of the hash.
        case user(name: Range<Int>, hash: Range<Int>)
    }

    /// Reads a line.
    /// - Parameters:
    ///   - bytes: the whole file.
    ///   - line: the line's range, without its line feed.
    static func read(_ bytes: [UInt8], _ line: Range<Int>) -> Content {
        let line = trim(bytes, line)
        guard !line.isEmpty, bytes[line.lowerBound] != UInt8(ascii: "#") else { return .nothing }
        var colon = line.lowerBound
        while colon < line.upperBound, bytes[colon] != UInt8(ascii: ":") { colon += 1 }
        guard colon < line.upperBound else { return .missingColon }
        guard colon > line.lowerBound else { return .emptyUserName }
        return .user(name: line.lowerBound..<colon, hash: hashRange(bytes, colon + 1, line.upperBound))
    }

    /// The hash of the line whose user name begins at this offset.
    static func hashField(in bytes: [UInt8], nameAt start: Int) -> ArraySlice<UInt8> {
        var end = start
        while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
        guard case .user(_, let hash) = read(bytes, start..<end) else { return [] }
        return bytes[hash]
    }

    /// The field after the first colon. A further colon ends it: what follows is a comment (as in Apache and nginx).
    private static func hashRange(_ bytes: [UInt8], _ start: Int, _ limit: Int) -> Range<Int> {
        var end = start
        while end < limit, bytes[end] != UInt8(ascii: ":") { end += 1 }
        return trim(bytes, start..<end)
    }

    private static func trim(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, isBlank(bytes[start]) { start += 1 }
        while end > start, isBlank(bytes[end - 1]) { end -= 1 }
        return start..<end
    }

    /// Space, tab and carriage return: files that were edited on Windows end their lines in CRLF.
    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
}
