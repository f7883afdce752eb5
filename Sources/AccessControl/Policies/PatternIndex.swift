/// Many patterns, of which the longest that takes a name is found without trying each: a tree over segments, whose nodes keep
/// literal segments by their text and those with wildcards by their literal beginning.
struct PatternIndex: Sendable {
    private struct Node: Sendable {
        /// Whether it stays for any number of segments: behind a `**`.
        var staysPut = false
        /// The longest pattern that ends here.
        var pattern: Int?
        var anyDepth: Int?
        var literals: [Substring: Int] = [:]
        var wildcards = WildcardSegments()
    }

    /// Segments with wildcards, by the bytes that stand before the first one.
    private struct WildcardSegments: Sendable {
        private var byBeginning: [Substring: [(tokens: [GlobToken], node: Int)]] = [:]
        private var lengths: [Int] = []

        func node(of tokens: [GlobToken]) -> Int? {
            byBeginning[Self.beginning(tokens)]?.first { $0.tokens == tokens }?.node
        }

        mutating func add(_ tokens: [GlobToken], _ node: Int) {
            let beginning = Self.beginning(tokens)
            byBeginning[beginning, default: []].append((tokens, node))
            let length = beginning.utf8.count
            if !lengths.contains(length) { lengths.append(length) }
        }

        func forEach(matching segment: Substring, _ take: (Int) -> Void) {
            for length in lengths {
                guard let end = segment.utf8.index(segment.startIndex, offsetBy: length, limitedBy: segment.endIndex),
                    let candidates = byBeginning[segment[..<end]]
                else { continue }
                // The operator's own patterns: as many steps as it takes.
                var effort = MatchEffort(.max)
                let bytes = Array(segment.utf8)
                for candidate in candidates where GlobSegment.matches(candidate.tokens, bytes, &effort) {
                    take(candidate.node)
                }
            }
        }

        private static func beginning(_ tokens: [GlobToken]) -> Substring {
            var bytes: [UInt8] = []
            for case .byte(let byte) in tokens.prefix(while: { if case .byte = $0 { true } else { false } }) {
                bytes.append(byte)
            }
            return String(decoding: bytes, as: UTF8.self)[...]
        }
    }

    private var nodes = [Node()]
    private let lengths: [Int]

    /// Builds the tree.
    /// - Parameter globs: the patterns; the index finds their places in this array.
    init(_ globs: [Glob]) {
        lengths = globs.map(\.text.utf8.count)
        for (index, glob) in globs.enumerated() {
            for segments in glob.alternatives {
                var node = 0
                for segment in segments { node = child(of: node, segment) }
                nodes[node].pattern = longer(nodes[node].pattern, index)
            }
        }
    }

    /// The longest pattern that takes a name.
    func longest(_ name: RepositoryName) -> Int? {
        var active = closure(0)
        for segment in name.components {
            var next: [Int] = []
            func add(_ node: Int) {
                for node in closure(node) where !next.contains(node) { next.append(node) }
            }
            for index in active {
                if nodes[index].staysPut { add(index) }
                if let literal = nodes[index].literals[segment] { add(literal) }
                nodes[index].wildcards.forEach(matching: segment, add)
            }
            guard !next.isEmpty else { return nil }
            active = next
        }
        return active.reduce(nil) { longer($0, nodes[$1].pattern) }
    }

    /// A node, with the one behind its `**`, which may stand for nothing.
    private func closure(_ node: Int) -> [Int] {
        nodes[node].anyDepth.map { [node, $0] } ?? [node]
    }

    private func longer(_ left: Int?, _ right: Int?) -> Int? {
        guard let left, let right else { return left ?? right }
        return lengths[left] >= lengths[right] ? left : right
    }

    private mutating func child(of node: Int, _ segment: GlobSegment) -> Int {
        let known: Int? =
            switch segment {
            case .anyDepth: nodes[node].anyDepth
            case .literal(let text): nodes[node].literals[text[...]]
            case .tokens(let tokens): nodes[node].wildcards.node(of: tokens)
            }
        if let known { return known }
        let new = nodes.count
        nodes.append(Node())
        switch segment {
        case .anyDepth:
            nodes[node].anyDepth = new
            nodes[new].staysPut = true
        case .literal(let text): nodes[node].literals[text[...]] = new
        case .tokens(let tokens): nodes[node].wildcards.add(tokens, new)
        }
        return new
    }
}
