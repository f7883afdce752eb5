/// Finds two patterns of the same length that take one repository: zot lets chance decide between them.
enum PatternTies {
    private struct Entry {
        let glob: Glob
        let length: Int
        /// What each name that it takes begins and ends with.
        let beginning: [UInt8]
        let end: [UInt8]
    }

    /// - Parameter globs: the patterns.
    /// - Returns: two of them; nil if there are none.
    static func find(_ globs: [Glob]) -> (Glob, Glob)? {
        // Only patterns of which one's literal beginning begins the other's can meet: sorted by it, those are neighbours.
        let entries = globs.map { Self.entry($0) }.sorted {
            $0.length != $1.length
                ? $0.length < $1.length : $0.beginning.lexicographicallyPrecedes($1.beginning)
        }
        for (index, entry) in entries.enumerated() {
            for other in entries[(index + 1)...] {
                guard other.length == entry.length, other.beginning.starts(with: entry.beginning) else { break }
                let (short, long) = entry.end.count < other.end.count ? (entry.end, other.end) : (other.end, entry.end)
                guard long.suffix(short.count).elementsEqual(short), entry.glob.overlaps(other.glob) else { continue }
                return (entry.glob, other.glob)
            }
        }
        return nil
    }

    private static func entry(_ glob: Glob) -> Entry {
        let length = glob.text.utf8.count
        guard let segments = glob.alternatives.first, glob.alternatives.count == 1 else {
            return Entry(glob: glob, length: length, beginning: [], end: [])
        }
        // A `**` at the end may stand for nothing, with the slash before it.
        let tokens: [GlobToken?] = segments.flatMap { segment -> [GlobToken?] in
            segment == .anyDepth ? [nil] : segment.tokens + [.byte(UInt8(ascii: "/"))]
        }
        let end = segments.last == .anyDepth ? [] : literal(tokens.dropLast().reversed()).reversed()
        var beginning = literal(tokens)
        if beginning.last == UInt8(ascii: "/") { beginning.removeLast() }
        return Entry(glob: glob, length: length, beginning: beginning, end: Array(end))
    }

    private static func literal(_ tokens: some Sequence<GlobToken?>) -> [UInt8] {
        var bytes: [UInt8] = []
        for token in tokens {
            guard case .byte(let byte) = token else { break }
            bytes.append(byte)
        }
        return bytes
    }
}
