/// Reads a glob: braces first, then segments, then what they consist of.
struct GlobReader {
    private static let maximumDepth = 8

    private let text: [UInt8]
    private let maximumExpansion: Int
    /// How many bytes it has with its braces written out, as far as it was read.
    private(set) var expansion = 0

    init(_ text: String, maximumExpansion: Int) {
        self.text = Array(text.utf8)
        self.maximumExpansion = maximumExpansion
    }

    mutating func read() throws(GlobProblem) -> [[GlobSegment]] {
        guard !text.isEmpty else { throw GlobProblem("is empty") }
        guard text.count <= Glob.maximumLength else { throw GlobProblem("has over \(Glob.maximumLength) bytes") }
        guard text.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { throw GlobProblem("has a control character") }
        var alternatives: [[GlobSegment]] = []
        for alternative in try writtenOut(text[...], depth: 0) {
            var segments: [GlobSegment] = []
            for segment in try Self.segments(alternative) {
                // Two in a row are one.
                if segment == .anyDepth, segments.last == .anyDepth { continue }
                segments.append(segment)
            }
            if !alternatives.contains(segments) { alternatives.append(segments) }
        }
        return alternatives
    }

    /// The pattern with its first pair of braces written out, and so on.
    private mutating func writtenOut(_ text: ArraySlice<UInt8>, depth: Int) throws(GlobProblem) -> [[UInt8]] {
        guard let open = try Self.find([UInt8(ascii: "{")], in: text) else {
            if try Self.find([UInt8(ascii: "}")], in: text) != nil { throw GlobProblem("has a } without its {") }
            expansion += text.count
            guard expansion <= maximumExpansion else {
                throw GlobProblem("comes to over \(maximumExpansion) bytes with its braces written out")
            }
            return [Array(text)]
        }
        guard depth < Self.maximumDepth * 4 else { throw GlobProblem("has too many braces") }
        if try Self.find([UInt8(ascii: "}")], in: text[..<open]) != nil { throw GlobProblem("has a } without its {") }
        let (choices, close) = try Self.choices(text, behind: open)
        var all: [[UInt8]] = []
        for choice in choices {
            all += try writtenOut((text[..<open] + choice + text[(close + 1)...])[...], depth: depth + 1)
            guard all.count <= Glob.maximumAlternatives else {
                throw GlobProblem("comes to over \(Glob.maximumAlternatives) patterns with its braces written out")
            }
        }
        return all
    }

    /// What stands between the braces that open at an index, and where they close.
    private static func choices(
        _ text: ArraySlice<UInt8>, behind open: Int
    ) throws(GlobProblem) -> ([ArraySlice<UInt8>], close: Int) {
        var choices: [ArraySlice<UInt8>] = []
        var (start, index, level) = (open + 1, open + 1, 1)
        while let next = try find([UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: ",")], in: text[index...]) {
            index = next + 1
            switch text[next] {
            case UInt8(ascii: "{"):
                level += 1
                guard level <= maximumDepth else { throw GlobProblem("has braces over \(maximumDepth) deep") }
            case UInt8(ascii: "}"):
                level -= 1
                guard level == 0 else { continue }
                return (choices + [text[start..<next]], next)
            default:
                guard level == 1 else { continue }
                choices.append(text[start..<next])
                start = next + 1
            }
        }
        throw GlobProblem("has a { without its }")
    }

    /// Where the first of some bytes stands that is neither escaped nor in a class.
    private static func find(_ wanted: [UInt8], in text: ArraySlice<UInt8>) throws(GlobProblem) -> Int? {
        var index = text.startIndex
        while index < text.endIndex {
            if wanted.contains(text[index]) { return index }
            switch text[index] {
            case UInt8(ascii: "\\"): index += 2
            case UInt8(ascii: "["): index = try byteClass(text, at: index).end
            default: index += 1
            }
        }
        return nil
    }

    private static func segments(_ text: [UInt8]) throws(GlobProblem) -> [GlobSegment] {
        var segments: [GlobSegment] = []
        var (tokens, start, index): ([GlobToken], Int, Int) = ([], 0, 0)
        func finish(_ end: Int) -> GlobSegment {
            text[start..<end].elementsEqual("**".utf8) ? .anyDepth : GlobSegment(tokens)
        }
        while index < text.count {
            switch text[index] {
            case UInt8(ascii: "/"):
                segments.append(finish(index))
                (tokens, start) = ([], index + 1)
                index += 1
            case UInt8(ascii: "*"):
                if tokens.last != .star { tokens.append(.star) }
                index += 1
            case UInt8(ascii: "?"):
                tokens.append(.any)
                index += 1
            case UInt8(ascii: "["):
                let (bytes, end) = try byteClass(text[...], at: index)
                tokens.append(.oneOf(bytes))
                index = end
            case UInt8(ascii: "\\"):
                guard index + 1 < text.count else { throw GlobProblem("ends with a backslash") }
                tokens.append(.byte(text[index + 1]))
                index += 2
            default:
                tokens.append(.byte(text[index]))
                index += 1
            }
        }
        return segments + [finish(text.count)]
    }

    /// A class: `[` and an optional `^` or `!`, single bytes and ranges, `]`.
    private static func byteClass(
        _ text: ArraySlice<UInt8>, at open: Int
    ) throws(GlobProblem) -> (bytes: ByteClass, end: Int) {
        var (index, bytes, isFirst) = (open + 1, ByteClass(), true)
        let isInverted = index < text.endIndex && (text[index] == UInt8(ascii: "^") || text[index] == UInt8(ascii: "!"))
        if isInverted { index += 1 }
        /// One byte of the class, escaped or not.
        func byte() throws(GlobProblem) -> UInt8 {
            if index < text.endIndex, text[index] == UInt8(ascii: "\\") { index += 1 }
            guard index < text.endIndex else { throw GlobProblem("has a [ without its ]") }
            guard text[index] != UInt8(ascii: "/") else {
                throw GlobProblem("has a slash in [ ], which no class takes")
            }
            guard text[index] < 0x80 else { throw GlobProblem("has a character in [ ] that no repository's name has") }
            defer { index += 1 }
            return text[index]
        }
        while index < text.endIndex {
            if text[index] == UInt8(ascii: "]") {
                guard !isFirst else { throw GlobProblem("has an empty [ ]") }
                return (isInverted ? bytes.inverted : bytes, index + 1)
            }
            isFirst = false
            guard text[index] != UInt8(ascii: "-") else {
                throw GlobProblem("has a - in [ ] that is no range: write \\-")
            }
            let low = try byte()
            guard index < text.endIndex, text[index] == UInt8(ascii: "-") else {
                bytes.insert(low...low)
                continue
            }
            index += 1
            guard index < text.endIndex, text[index] != UInt8(ascii: "]") else {
                throw GlobProblem("has a - in [ ] that is no range: write \\-")
            }
            let high = try byte()
            guard low <= high else { throw GlobProblem("has a range in [ ] that runs backwards") }
            bytes.insert(low...high)
        }
        throw GlobProblem("has a [ without its ]")
    }
}
