extension String {
    /// The beginning of a text that is no longer than a number of bytes of UTF-8. A character is one to whoever reads it, and may be of any
    /// length: it is kept or left out as a whole, unless the first one alone is too long. Then it is cut between two of its code points.
    /// - Parameter limit: how many bytes there may be.
    /// - Returns: the text itself if it is short enough.
    package func cut(toBytes limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var end = startIndex
        var length = 0
        for character in self {
            length += character.utf8.count
            guard length <= limit else { break }
            end = index(after: end)
        }
        if end > startIndex { return String(self[..<end]) }
        length = 0
        for scalar in unicodeScalars {
            length += UTF8.width(scalar)
            guard length <= limit else { break }
            end = unicodeScalars.index(after: end)
        }
        return String(unicodeScalars[..<end])
    }
}
