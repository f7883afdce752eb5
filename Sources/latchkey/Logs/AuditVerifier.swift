import Credentials
import Foundation

/// Checks the chain of audit files, line by line, in the memory of one line: names the first line that was changed, removed or put in.
struct AuditVerifier {
    /// What is wrong, and where.
    struct Tampering: Error, CustomStringConvertible {
        var description: String
    }

    /// A line, as messages name it.
    private struct Place: CustomStringConvertible {
        let file: String
        let line: Int
        var description: String { "\(file):\(line)" }
    }

    /// How the last run of the server has ended, as far as the file says it.
    private enum End {
        /// It has not.
        case open
        /// It has stopped in order, and nothing has signed that.
        case stopped
        /// It has stopped in order, and a checkpoint has signed that. Whether nothing can come behind it: who signs by version 1 wrote the last
        /// lines one by one, and another could come between.
        case signed(isFinal: Bool)
    }

    /// The last checkpoint that is signed by one of the keys.
    struct Signed: Sendable, Equatable {
        let number: UInt64
        let time: String
        /// Whether its time is signed too: not by checkpoints of version 1.
        let isTimeSigned: Bool
    }

    private let keys: AuditKeys
    private let witnesses: [AuditWitness]
    private var file = ""
    private var line = 0
    private var splitter = LineSplitter(maximumLength: AuditLine.maximumLength)
    private var last: (number: UInt64, hash: AuditHash, place: Place)?
    private var torn: (text: TornText, place: Place, hasLineFeed: Bool)?
    private var isAtEnd = false
    /// Who knows the latest line.
    private var latest: AuditWitness? { witnesses.max { $0.number < $1.number } }
    /// What nobody can have written behind, or before, the latest line that a witness knows.
    private var beyondWitness: Tampering?
    /// Whether the latest line that a witness knows is where the server stopped in order.
    private var isEndKnown = false
    private var end = End.open

    /// The number of the first line.
    private(set) var first: UInt64?
    /// How many lines were checked.
    private(set) var count = 0
    /// Lines that a crash or a full disk has cut short.
    private(set) var crashes = BoundedNotes()
    /// What the server itself has found missing or changed at the end of the file, and has told there.
    private(set) var findings = BoundedNotes()
    /// The last checkpoint whose signature is right.
    private(set) var checkpoint: Signed?
    /// Checkpoints that could not be checked, as there is no key.
    private(set) var unchecked = 0
    /// Whether the last lines say that the server has stopped, and a checkpoint behind that is signed by one of the keys.
    var isClosed: Bool {
        guard case .signed = end else { return false }
        return checkpoint?.number == lastNumber
    }
    /// The number of the last line.
    var lastNumber: UInt64 { last?.number ?? 0 }
    /// Witnesses whose line is in older files.
    var unheard: [AuditWitness] { witnesses.filter { $0.number < first ?? 0 } }

    /// - Parameters:
    ///   - keys: what checkpoints are checked by: then there must be one, and each must be by one of them. None passes them over.
    ///   - witnesses: who knows where the file ended.
    init(keys: AuditKeys = AuditKeys(), witnesses: [AuditWitness] = []) {
        (self.keys, self.witnesses) = (keys, witnesses)
    }

    /// Begins with the next file.
    /// - Parameter name: its name.
    mutating func begin(_ name: String) { (file, line) = (name, 0) }

    /// Takes the next bytes of a file.
    /// - Throws: ``Tampering``.
    mutating func take(_ bytes: Span<UInt8>) throws(Tampering) {
        // Taken out meanwhile: the lines that it gives change the rest of this value.
        var splitter = splitter
        self.splitter = LineSplitter(maximumLength: AuditLine.maximumLength)
        try splitter.take(bytes) { line, part throws(Tampering) in try take(line, part) }
        self.splitter = splitter
    }

    /// Ends a file: what stands at its end without a line feed is a line too.
    /// - Throws: ``Tampering``.
    mutating func endFile() throws(Tampering) {
        var splitter = splitter
        self.splitter = LineSplitter(maximumLength: AuditLine.maximumLength)
        isAtEnd = true
        defer { isAtEnd = false }
        try splitter.finish { line, part throws(Tampering) in try take(line, part) }
    }

    /// Ends the last file.
    /// - Parameter head: the number that the file beside it says by now: a server that was started meanwhile goes on writing.
    /// - Throws: ``Tampering`` if lines are missing that somebody knows of, if there are more than somebody knows, or if nothing is signed although there
    ///   are keys.
    mutating func finish(head: UInt64? = nil) throws(Tampering) {
        try checkTornEnd()
        if let beyondWitness, head ?? 0 <= latest?.number ?? 0 { throw beyondWitness }
        if let torn { crashes.add("\(torn.place): the last line is cut short: a crash, or it is being written") }
        for witness in witnesses where lastNumber < witness.number {
            // From 1 on where no line is left: the sum can't be too large, as a larger number was read.
            throw Tampering(
                description: "lines \(lastNumber + 1) to \(witness.number) are missing at the end: \(witness.words)")
        }
        guard keys.isEmpty || checkpoint != nil else {
            throw Tampering(
                description:
                    "nothing is signed by the key that was named: there is no checkpoint. Give older files too, or name the right key"
            )
        }
    }

    private mutating func take(_ bytes: Span<UInt8>, _ part: LineSplitter.Part) throws(Tampering) {
        let isFirstPart = !isWithinLongLine
        isWithinLongLine = part == .piece
        if isFirstPart { line += 1 }
        let place = Place(file: file, line: line)
        guard part == .whole, let link = AuditLine(bytes) else {
            // The next line tells whether it was a crash.
            var text = torn?.text ?? TornText()
            if isFirstPart, torn != nil { text.endLine() }
            text.append(bytes)
            torn = (text, torn?.place ?? place, !isAtEnd)
            return
        }
        try take(link, bytes, place)
    }

    /// Whether the line that is being read is too long to be one.
    private var isWithinLongLine = false

    private mutating func take(_ line: AuditLine, _ bytes: Span<UInt8>, _ place: Place) throws(Tampering) {
        try checkTorn(line, place)
        try check(line, place)
        let hash = AuditHash(of: bytes)
        for witness in witnesses where witness.number == line.number && witness.hash != hash {
            throw Tampering(
                description: "\(place): this line, or one before it, was changed: \(witness.name) knows another one")
        }
        checkLatest(line, place)
        try take(line.event, line, bytes, place)
        if line.number == latest?.number { isEndKnown = isStopped }
        first = first ?? line.number
        last = (line.number, hash, place)
        count += 1
    }

    /// Whether nothing but a start can come next.
    private var isStopped: Bool {
        switch end {
        case .stopped, .signed(isFinal: true): true
        case .open, .signed(isFinal: false): false
        }
    }

    /// Notes a line that can't be there by what the witness of the latest line knows. Whether a server has written it meanwhile ``finish(head:)`` says.
    private mutating func checkLatest(_ line: AuditLine, _ place: Place) {
        guard beyondWitness == nil, let latest else { return }
        if isEndKnown, line.number > latest.number {
            beyondWitness = Tampering(
                description:
                    "\(place): this line was put in: the server had stopped before it, and has written nothing since: \(latest.words)"
            )
        }
        // One number behind it the line must lead there, which is checked with the first line.
        if first == nil, latest.number > 0, line.number > latest.number + 1 {
            beyondWitness = Tampering(
                description:
                    "\(place): lines \(latest.number + 1) to \(line.number - 1) are missing before this one, the first: \(latest.words)"
            )
        }
    }

    /// Behind a signed end there is no text but the beginning of the next start's line.
    private func checkTornPlace() throws(Tampering) {
        guard let torn, case .signed(isFinal: true) = end, let last,
            !torn.text.canBeCutShort(behind: last.number, last.hash)
        else { return }
        throw Tampering(
            description:
                "\(torn.place): this line was put in: the server had stopped before it, and had not started again")
    }

    /// What a crash has cut short has no line feed yet at the end of the last file.
    private func checkTornEnd() throws(Tampering) {
        try checkTornPlace()
        guard let torn, torn.hasLineFeed else { return }
        throw Tampering(
            description: "\(torn.place): this line was put in: it is none of the file's, and was not cut short")
    }

    private mutating func checkTorn(_ line: AuditLine, _ place: Place) throws(Tampering) {
        try checkTornPlace()
        if let torn {
            guard line.torn == torn.text.hash else {
                throw Tampering(
                    description:
                        "\(torn.place): this line was changed: it is none of the file's, and no crash is noted behind it"
                )
            }
            crashes.add("\(torn.place): a line was cut short by a crash or a full disk; the chain goes on behind it")
        } else if line.torn != nil {
            throw Tampering(description: "\(place): a line that was cut short is noted before this one, and is gone")
        }
        torn = nil
    }

    private func check(_ line: AuditLine, _ place: Place) throws(Tampering) {
        guard let last else {
            guard line.number > 1 || line.previous == .genesis else {
                throw Tampering(description: "\(place): the first line does not begin a chain: it was changed")
            }
            for witness in witnesses
            where witness.number > 0 && witness.number == line.number - 1 && witness.hash != line.previous {
                throw Tampering(
                    description:
                        "\(place): this line, or the one before it, was changed: \(witness.name) knows another line \(witness.number)"
                )
            }
            return
        }
        // Numbers are at most half of what the type holds (AuditLine.maximumNumber).
        if line.number == last.number + 1 {
            guard line.previous != last.hash else { return }
            throw Tampering(
                description:
                    "\(last.place): this line was changed, or the one behind it: the hash in \(place) is another")
        }
        if line.number > last.number + 1 {
            throw Tampering(
                description: "\(place): \(line.number - last.number - 1) line(s) were removed before this one: "
                    + "\(last.number + 1) to \(line.number - 1)")
        }
        throw Tampering(description: "\(place): this line was put in: number \(line.number) comes after \(last.number)")
    }

    private mutating func take(
        _ event: AuditLine.Event, _ line: AuditLine, _ bytes: Span<UInt8>, _ place: Place
    ) throws(Tampering) {
        switch event {
        case .checkpoint(let checkpoint):
            try check(checkpoint, line, bytes, place)
            guard case .stopped = end else { return }
            end = .signed(isFinal: checkpoint.version >= AuditChain.checkpointVersion)
        case .started, .linesLost: end = .open
        case .stopped, .other, .found:
            if case .signed(isFinal: true) = end {
                throw Tampering(
                    description:
                        "\(place): this line was put in: the server had stopped before it, and had not started again")
            }
            end = event == .stopped ? .stopped : .open
            guard case .found(let finding) = event else { return }
            findings.add("\(place): \(finding.summary)")
        }
    }

    private mutating func check(
        _ checkpoint: AuditLine.Checkpoint, _ line: AuditLine, _ bytes: Span<UInt8>, _ place: Place
    ) throws(Tampering) {
        guard !keys.isEmpty else { return unchecked += 1 }
        do throws(AuditKeys.Problem) {
            try keys.check(checkpoint, of: line, bytes)
        } catch {
            switch error {
            case .foreignKey:
                throw Tampering(
                    description:
                        "\(place): this checkpoint is by another key than was named: somebody else has signed it, or the key was changed: name the keys of before by --key too"
                )
            case .wrongSignature:
                throw Tampering(
                    description:
                        "\(place): the signature of this checkpoint is wrong: it, or the chain before it, was made anew"
                )
            case .unknownVersion:
                throw Tampering(
                    description:
                        "\(place): this checkpoint is of version \(checkpoint.version), which this latchkey can't check: use a newer one"
                )
            }
        }
        self.checkpoint = Signed(
            number: line.number, time: checkpoint.time, isTimeSigned: checkpoint.version >= AuditChain.checkpointVersion
        )
    }
}
