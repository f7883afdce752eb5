import Foundation

/// Reads a file's lines from its end to its beginning, some bytes at a time: the end of a file is found without reading what is before it.
struct BackwardLines {
    /// A line, or what takes the place of one.
    struct Line {
        /// Its bytes without the line feed; nil if it is too long.
        let bytes: [UInt8]?
        /// Where it begins in the file.
        let start: Int
        /// Where it ends, before its line feed.
        let end: Int
        /// Whether a line feed ends it.
        let hasLineFeed: Bool
    }

    /// What kept the file from being read: a code of errno, or 0 if it became shorter meanwhile.
    struct Unreadable: Error { let code: Int32 }

    private static let blockLength = 1 << 16

    private let descriptor: Int32
    private let size: Int
    private let maximumLength: Int
    /// What was read last, and where it begins.
    private var block: [UInt8] = []
    private var blockStart: Int
    /// Where the next line ends; nil if there is none.
    private var end: Int?

    /// - Parameters:
    ///   - descriptor: the file.
    ///   - size: how much of it counts.
    ///   - maximumLength: the longest line that is read.
    init(_ descriptor: Int32, size: Int, maximumLength: Int) {
        (self.descriptor, self.size, self.maximumLength) = (descriptor, size, maximumLength)
        (blockStart, end) = (size, size > 0 ? size : nil)
    }

    /// Reads the line before the one that was read last.
    /// - Returns: nil at the file's beginning.
    mutating func next() throws(Unreadable) -> Line? {
        guard var end else { return nil }
        // The line feed at the file's end ends the last line, and begins none.
        if end == size, try byte(at: size - 1) == UInt8(ascii: "\n") { end -= 1 }
        let hasLineFeed = end < size
        let before = try lineFeed(before: end)
        let start = before.map { $0 + 1 } ?? 0
        self.end = before
        return Line(
            bytes: end - start <= maximumLength ? try bytes(start..<end) : nil, start: start, end: end,
            hasLineFeed: hasLineFeed)
    }

    private mutating func byte(at place: Int) throws(Unreadable) -> UInt8 {
        if place < blockStart || place >= blockStart + block.count { try load(endingAt: place + 1) }
        return block[place - blockStart]
    }

    private mutating func lineFeed(before end: Int) throws(Unreadable) -> Int? {
        var end = end
        while end > 0 {
            if end <= blockStart || end > blockStart + block.count { try load(endingAt: end) }
            let found = block.withUnsafeBytes { all -> Int? in
                var index = end - blockStart - 1
                while index >= 0, all[index] != UInt8(ascii: "\n") { index -= 1 }
                return index < 0 ? nil : index
            }
            if let found { return blockStart + found }
            end = blockStart
        }
        return nil
    }

    private mutating func bytes(_ range: Range<Int>) throws(Unreadable) -> [UInt8] {
        guard range.lowerBound < blockStart || range.upperBound > blockStart + block.count else {
            return Array(block[(range.lowerBound - blockStart)..<(range.upperBound - blockStart)])
        }
        return try Self.read(descriptor, range)
    }

    private mutating func load(endingAt end: Int) throws(Unreadable) {
        let start = max(0, end - Self.blockLength)
        block = try Self.read(descriptor, start..<end)
        blockStart = start
    }

    /// Reads a part of a file.
    static func read(_ descriptor: Int32, _ range: Range<Int>) throws(Unreadable) -> [UInt8] {
        var (bytes, count) = ([UInt8](repeating: 0, count: range.count), 0)
        while count < range.count {
            let more = bytes.withUnsafeMutableBytes { all in
                // The slice can't be empty, and so has an address.
                pread(
                    descriptor, UnsafeMutableRawBufferPointer(rebasing: all[count...]).baseAddress, all.count - count,
                    off_t(range.lowerBound + count))
            }
            if more < 0, errno == EINTR { continue }
            guard more > 0 else { throw Unreadable(code: more < 0 ? errno : 0) }
            count += more
        }
        return bytes
    }
}
