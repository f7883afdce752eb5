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
    ///   - isLast: whether nobody knows a later line. Then it is no farther from the end than what is written between two times that the witness is told.
    /// - Returns: what is wrong; nil if nothing is, or if the line is in an older file, or too far back.
    func finding(
        by witness: AuditFinding.Witness, number: UInt64, hash: AuditHash, isLast: Bool
    ) -> AuditFinding? {
        guard let last, number > 0 else { return nil }
        guard last.number >= number else {
            return AuditFinding(witness, .missing(found: last.number), number: number)
        }
        do throws(BackwardLines.Unreadable) {
            switch try look(for: number, hash) {
            case .agrees: return nil
            case .isOther: return AuditFinding(witness, .changed, number: number)
            case .isEnd: return isLast ? AuditFinding(witness, .added(found: last.number), number: number) : nil
            case .isFarOff:
                // The head is told of each batch, and a batch is far smaller than that.
                return witness == .head ? AuditFinding(witness, .added(found: last.number), number: number) : nil
            case .isBeforeGap: return isLast ? AuditFinding(witness, .changed, number: number) : nil
            }
        } catch {
            // It was moved away or cut meanwhile, as logrotate does: verify sees all of it.
            return nil
        }
    }

    /// Looks whether text stands at the file's end that no server has written: whole lines that are none, or anything behind an end in order that is no
    /// beginning of the next line. Blocks.
    /// - Parameter kept: the last line that is known where the file has none.
    func strangeText(behind kept: UInt64) -> AuditFinding? {
        guard !torn.isEmpty else { return nil }
        let number = last?.number ?? kept
        let finding = AuditFinding(.file, .added(found: number), number: number)
        if torn.endsWithLineFeed { return finding }
        guard let last, !torn.canBeCutShort(behind: last.number, last.hash) else { return nil }
        do throws(BackwardLines.Unreadable) {
            guard let signature else { return nil }
            let descriptor = try open(signature)
            defer { close(descriptor) }
            var lines = BackwardLines(descriptor, size: signature.size, maximumLength: AuditLine.maximumLength)
            while let line = try lines.next() {
                guard let found = Self.link(line) else { continue }
                return try Self.isSignedEnd(found.line, &lines) ? finding : nil
            }
            return nil
        } catch {
            // It was moved away or cut meanwhile: verify sees all of it.
            return nil
        }
    }

    /// How a line that somebody knows was found.
    private enum Place {
        /// It is there, or in an older file.
        case agrees
        /// Another line is there, or none leads there.
        case isOther
        /// It is there and is where the server stopped in order; more stands behind it.
        case isEnd
        /// It is farther back than was looked.
        case isFarOff
        /// The file begins with a later line than the one behind it.
        case isBeforeGap
    }

    /// Whether a line is the signature of an end in order.
    private static func isSignedEnd(
        _ line: AuditLine, _ lines: inout BackwardLines
    ) throws(BackwardLines.Unreadable) -> Bool {
        guard case .checkpoint(let checkpoint) = line.event, checkpoint.version >= AuditChain.checkpointVersion,
            let before = try lines.next(), let found = link(before)
        else { return false }
        return found.hash == line.previous && found.line.event == .stopped
    }

    private func look(for number: UInt64, _ hash: AuditHash) throws(BackwardLines.Unreadable) -> Place {
        guard let last, let signature else { return .agrees }
        let descriptor = try open(signature)
        defer { close(descriptor) }
        var lines = BackwardLines(descriptor, size: signature.size, maximumLength: AuditLine.maximumLength)
        var expected = last
        while let line = try lines.next() {
            guard signature.size - line.start < Self.reach else { return .isFarOff }
            guard let found = Self.link(line) else { continue }
            guard found.line.number == expected.number, found.hash == expected.hash else { return .isOther }
            if found.line.number == number {
                guard expected.hash == hash else { return .isOther }
                guard number < last.number else { return .agrees }
                if found.line.event == .stopped { return .isEnd }
                return try Self.isSignedEnd(found.line, &lines) ? .isEnd : .agrees
            }
            expected = (found.line.number - 1, found.line.previous)
        }
        // The file's first line leads to the one before it, which is in an older file.
        guard number == expected.number else { return .isBeforeGap }
        return expected.hash == hash ? .agrees : .isOther
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
