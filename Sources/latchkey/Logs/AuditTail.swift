import Credentials
import Foundation

/// The end of an audit file as it was when a server opened it: where its chain ends, and whether those who know where it ended before agree.
struct AuditTail: Sendable {
    /// How far back a line is looked for: some hundred thousand lines. What is farther back `latchkey audit verify` looks for.
    static let reach = 64 << 20
    /// How much of it is in memory at a time.
    private static let pieceLength = 1 << 18

    /// The last line of the chain; nil if the file has none.
    private(set) var last: (number: UInt64, hash: AuditHash)?
    /// What stands behind it.
    private(set) var torn = TornText()
    /// Whether the file's last byte is no line feed.
    private(set) var endsWithinLine = false
    private let path: String
    private let signature: FileSignature?

    /// Reads the end of a file. A line that can't be one of the chain is text behind the last one, whatever it holds.
    /// - Parameter path: the audit file; none may be there.
    init(path: String) throws(ConfigurationError) {
        self.path = path
        signature = FileSignature(path: path)
        do throws(BackwardLines.Unreadable) {
            try read()
        } catch {
            throw ConfigurationError(
                place: path, message: "can't be read, to go on with its chain (\(Self.reason(error)))")
        }
    }

    /// Looks whether the file holds the line that somebody knows.
    ///
    /// Goes back from the end, from line to line as the hashes lead, as far as ``reach``. Blocks.
    /// - Parameters:
    ///   - witness: who knows it.
    ///   - number: the line's number.
    ///   - hash: its hash.
    /// - Returns: what is wrong; nil if nothing is, or if the line is in an older file, or too far back.
    func finding(by witness: AuditFinding.Witness, number: UInt64, hash: AuditHash) -> AuditFinding? {
        guard let last, number > 0 else { return nil }
        guard last.number >= number else {
            return AuditFinding(witness, .missing(found: last.number), number: number)
        }
        do throws(BackwardLines.Unreadable) {
            return try look(for: number, hash) ? nil : AuditFinding(witness, .changed, number: number)
        } catch {
            // It was moved away or cut meanwhile, as logrotate does: verify sees all of it.
            return nil
        }
    }

    /// - Returns: false if another line is there, or if none leads there.
    private func look(for number: UInt64, _ hash: AuditHash) throws(BackwardLines.Unreadable) -> Bool {
        guard let last, let signature else { return true }
        let descriptor = try open(signature)
        defer { close(descriptor) }
        var lines = BackwardLines(descriptor, size: signature.size, maximumLength: AuditLine.maximumLength)
        var expected = last
        while let line = try lines.next(), signature.size - line.start < Self.reach {
            guard let found = Self.link(line) else { continue }
            guard found.line.number == expected.number, found.hash == expected.hash else { return false }
            if found.line.number == number { return expected.hash == hash }
            expected = (found.line.number - 1, found.line.previous)
        }
        return true
    }

    private mutating func read() throws(BackwardLines.Unreadable) {
        guard let signature else { return }
        let (descriptor, size) = (try open(signature), signature.size)
        defer { close(descriptor) }
        var lines = BackwardLines(descriptor, size: size, maximumLength: AuditLine.maximumLength)
        var (end, isAtEnd) = (0, true)
        while let line = try lines.next() {
            if isAtEnd { endsWithinLine = !line.hasLineFeed }
            isAtEnd = false
            guard let found = Self.link(line) else { continue }
            last = (found.line.number, found.hash)
            end = min(size, line.end + 1)
            break
        }
        while end < size {
            let next = min(size, end + Self.pieceLength)
            let piece = try BackwardLines.read(descriptor, end..<next)
            torn.append(piece.span)
            end = next
        }
    }

    /// A line that the chain can go on from.
    private static func link(_ line: BackwardLines.Line) -> (line: AuditLine, hash: AuditHash)? {
        guard let bytes = line.bytes else { return nil }
        let span = bytes.span
        guard let read = AuditLine(span), read.number <= AuditHead.maximumNumber else { return nil }
        return (read, AuditHash(of: span))
    }

    /// Opens the file, if it is still the same one and no shorter than it was.
    private func open(_ signature: FileSignature) throws(BackwardLines.Unreadable) -> Int32 {
        let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw BackwardLines.Unreadable(code: errno) }
        guard let now = FileSignature(descriptor: descriptor), now.isSameFile(as: signature), now.size >= signature.size
        else {
            close(descriptor)
            throw BackwardLines.Unreadable(code: 0)
        }
        return descriptor
    }

    private static func reason(_ error: BackwardLines.Unreadable) -> String {
        error.code == 0 ? "it became another one meanwhile" : String(cString: strerror(error.code))
    }
}
