import Foundation

/// Splits what comes in pieces into lines, and keeps no more than one of them. Of a line that is longer than is allowed nothing is kept.
struct LineSplitter {
    /// What a line's bytes are.
    enum Part: Sendable {
        /// The whole line, without its line feed.
        case whole
        /// A part of a line that is too long; more of it follows.
        case piece
        /// The last part of such a line.
        case end
    }

    private let maximumLength: Int
    private var kept: [UInt8] = []
    private var isWithinLongLine = false

    /// - Parameter maximumLength: the longest line that is kept whole.
    init(maximumLength: Int) { self.maximumLength = maximumLength }

    /// Takes the next bytes.
    /// - Parameter body: gets each line, or each part of one that is too long.
    mutating func take<Problem: Error>(
        _ bytes: Span<UInt8>, _ body: (Span<UInt8>, Part) throws(Problem) -> Void
    ) throws(Problem) {
        var start = 0
        while let end = Self.lineFeed(in: bytes, from: start) {
            try endLine(bytes.extracting(start..<end), body)
            start = end + 1
        }
        let rest = bytes.extracting(start..<bytes.count)
        guard rest.count > 0 else { return }
        if isWithinLongLine { return try body(rest, .piece) }
        rest.withUnsafeBytes { kept.append(contentsOf: $0) }
        guard kept.count > maximumLength else { return }
        isWithinLongLine = true
        let long = kept
        kept = []
        try body(long.span, .piece)
    }

    /// Takes the end of the file: what stands there without a line feed is a line too.
    mutating func finish<Problem: Error>(_ body: (Span<UInt8>, Part) throws(Problem) -> Void) throws(Problem) {
        guard isWithinLongLine || !kept.isEmpty else { return }
        try endLine([UInt8]().span, body)
    }

    private mutating func endLine<Problem: Error>(
        _ bytes: Span<UInt8>, _ body: (Span<UInt8>, Part) throws(Problem) -> Void
    ) throws(Problem) {
        if isWithinLongLine {
            isWithinLongLine = false
            return try body(bytes, .end)
        }
        guard bytes.count + kept.count <= maximumLength else {
            let long = kept
            kept = []
            try body(long.span, .piece)
            return try body(bytes, .end)
        }
        guard !kept.isEmpty else { return try body(bytes, .whole) }
        bytes.withUnsafeBytes { kept.append(contentsOf: $0) }
        let line = kept
        kept.removeAll(keepingCapacity: kept.capacity <= Self.usualLength)
        try body(line.span, .whole)
    }

    /// What of the buffer is kept for the next line.
    private static let usualLength = 1 << 16

    private static func lineFeed(in bytes: Span<UInt8>, from start: Int) -> Int? {
        guard start < bytes.count else { return nil }
        return bytes.withUnsafeBytes { all -> Int? in
            guard let base = all.baseAddress,
                let found = memchr(base + start, Int32(UInt8(ascii: "\n")), all.count - start)
            else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }
}
