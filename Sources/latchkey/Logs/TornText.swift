import Crypto

/// What stands between two lines of the trail and is no line: mostly one that a crash or a full disk has cut short. Only its hash is kept.
struct TornText: Sendable {
    private var hasher = SHA256()
    /// A line feed at the very end is not part of it: it belongs to whoever wrote the next line.
    private(set) var endsWithLineFeed = false
    /// Its first bytes, as many as tell what was to be written.
    private var beginning: [UInt8] = []
    private static let beginningLength = 192
    /// Whether there is none.
    private(set) var isEmpty = true

    /// Takes the next bytes.
    mutating func append(_ bytes: Span<UInt8>) {
        guard bytes.count > 0 else { return }
        isEmpty = false
        for index in 0..<min(bytes.count, Self.beginningLength - beginning.count) { beginning.append(bytes[index]) }
        flush()
        endsWithLineFeed = bytes[bytes.count - 1] == Self.lineFeed
        bytes.extracting(0..<(bytes.count - (endsWithLineFeed ? 1 : 0))).withUnsafeBytes {
            hasher.update(bufferPointer: $0)
        }
    }

    /// Takes the line feed between two lines of it.
    mutating func endLine() {
        flush()
        feed()
        isEmpty = false
    }

    /// What the next line says of it.
    var hash: AuditHash { AuditHash(hasher.finalize()) }

    /// Whether it can be what is left of a server's next line, which a full disk has cut short.
    /// - Parameters:
    ///   - number: the number of the line before it.
    ///   - hash: its hash.
    func canBeCutShort(behind number: UInt64, _ hash: AuditHash) -> Bool {
        AuditChain.beginnings(behind: number, hash).contains { line in
            let count = min(line.count, beginning.count)
            return line.prefix(count) == beginning.prefix(count)
        }
    }

    private mutating func flush() {
        if endsWithLineFeed { feed() }
        endsWithLineFeed = false
    }

    private mutating func feed() { withUnsafeBytes(of: Self.lineFeed) { hasher.update(bufferPointer: $0) } }

    private static let lineFeed = UInt8(ascii: "\n")
}
