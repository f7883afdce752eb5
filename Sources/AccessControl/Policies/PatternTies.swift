/// Finds two patterns of the same length that take one repository: zot lets chance decide between them.
enum PatternTies {
    private struct Entry {
        let glob: Glob
        let length: Int
        let edges: GlobEdges
    }

    /// - Parameter globs: the patterns.
    /// - Returns: two of them; nil if there are none.
    static func find(_ globs: [Glob]) -> (Glob, Glob)? {
        // Only patterns of which one's literal beginning begins the other's can meet: sorted by it, those are neighbours.
        let entries = globs.map { Entry(glob: $0, length: $0.text.utf8.count, edges: GlobEdges($0)) }.sorted {
            $0.length != $1.length
                ? $0.length < $1.length : $0.edges.beginning.lexicographicallyPrecedes($1.edges.beginning)
        }
        for (index, entry) in entries.enumerated() {
            for other in entries[(index + 1)...] {
                guard other.length == entry.length, other.edges.beginning.starts(with: entry.edges.beginning) else {
                    break
                }
                guard entry.edges.fit(other.edges), entry.glob.overlaps(other.glob) else { continue }
                return (entry.glob, other.glob)
            }
        }
        return nil
    }
}
