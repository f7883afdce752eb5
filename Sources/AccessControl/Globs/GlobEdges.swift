/// What each name that a glob takes begins and ends with: two globs whose edges do not fit have no name in common, and no more
/// need be thought about it.
struct GlobEdges {
    let beginning: [UInt8]
    private let end: [UInt8]

    init(_ glob: Glob) {
        guard let segments = glob.alternatives.first, glob.alternatives.count == 1 else {
            (beginning, end) = ([], [])
            return
        }
        // A `**` at the end may stand for nothing, with the slash before it.
        let tokens: [GlobToken?] = segments.flatMap { segment -> [GlobToken?] in
            segment == .anyDepth ? [nil] : segment.tokens + [.byte(UInt8(ascii: "/"))]
        }
        var beginning = Self.literal(tokens)
        if beginning.last == UInt8(ascii: "/") { beginning.removeLast() }
        self.beginning = beginning
        end = segments.last == .anyDepth ? [] : Self.literal(tokens.dropLast().reversed()).reversed()
    }

    /// Whether nothing at the edges keeps two globs from having a name in common.
    func fit(_ other: GlobEdges) -> Bool {
        func isPrefix(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
            left.count <= right.count ? right.starts(with: left) : left.starts(with: right)
        }
        return isPrefix(beginning, other.beginning) && isPrefix(end.reversed(), other.end.reversed())
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
