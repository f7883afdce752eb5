import Credentials
import Foundation
import Synchronization

/// Writes lines to a file on a thread of its own, so that no event loop waits for a disk or a pipe.
///
/// What waits is bounded: past the limit lines are dropped. So are those that the file does not take, as on a full disk.
/// Both are counted, standard error is told when it begins, and the count is written once there is room.
///
/// A file that was moved away or deleted (logrotate) is opened anew at its path before the next lines are written, or when ``reopen()`` says so.
/// The chain of an audit file goes on in the new one.
///
/// An audit file belongs to one writer (``AuditLock``), from its opening to ``close(after:)``.
///
/// `@unchecked Sendable`: `pending`, `waiting`, `waitingForEnd`, `dropped`, `isWriting`, `isReopeningWanted`, `isClosed`, `isOver` and `end` are
/// touched only while `condition` is locked, and `isFailing`, `isFollowFailing`, `endsWithinLine`, `link` and `file` by the writing thread alone once it has started;
/// the rest never changes.
final class LineWriter: @unchecked Sendable {
    private static let limit = 8 << 20
    /// How long the first line of a batch waits for more, in seconds.
    private static let gathering = 0.002

    private var file: LineFile
    /// What it is called in messages and metrics.
    let name: String
    /// Renders the line that says how many were lost, without its line feed.
    typealias LossNotice = @Sendable (Int) -> String
    private static let usualNotice: LossNotice = { "latchkey: \($0) log lines were lost" }
    private let lossNotice: LossNotice
    private let losses = Atomic<Int>(0)
    /// For an audit file: what links its lines, and where that is kept.
    private var link: (chain: AuditChain, head: AuditHead)?
    /// For an audit file: where it ends.
    private var end: AuditChain?
    /// For an audit file: how it was found.
    let opening: AuditOpening?
    private var isFailing = false
    private var isFollowFailing = false
    private var endsWithinLine = false
    private let condition = NSCondition()
    private var pending: [UInt8] = []
    /// Who waits until what is pending is written.
    private var waiting: [@Sendable () -> Void] = []
    /// Who waits until the file is let go of.
    private var waitingForEnd: [@Sendable () -> Void] = []
    private var dropped = 0
    private var isWriting = false
    private var isReopeningWanted = false
    private var isClosed = false
    private var isOver = false

    /// How many lines were lost since the start.
    var lost: Int { losses.load(ordering: .relaxed) }

    /// For an audit file: where what was written of it ends.
    var lastLinked: AuditChain? {
        condition.lock()
        defer { condition.unlock() }
        return end
    }

    /// - Parameters:
    ///   - file: where the lines go.
    ///   - name: what it is called in messages and metrics.
    ///   - lossNotice: renders the line that says how many were lost, without its line feed.
    ///   - opening: for an audit file: how it was found, and where its chain is kept.
    private init(
        _ file: LineFile, name: String, lossNotice: @escaping LossNotice = LineWriter.usualNotice,
        opening: (found: AuditOpening, head: AuditHead)? = nil
    ) {
        self.file = file
        link = opening.map { ($0.found.chain, $0.head) }
        self.opening = opening?.found
        end = opening?.found.chain
        endsWithinLine = opening?.found.tail.endsWithinLine ?? false
        self.name = name
        self.lossNotice = lossNotice
        Thread { [self] in
            ThreadName.set("log")
            run()
        }.start()
    }

    /// Writes to an open descriptor.
    convenience init(descriptor: Int32, name: String) { self.init(LineFile(descriptor: descriptor), name: name) }

    /// Writes to a file, at its end.
    convenience init(
        path: String, lossNotice: @escaping LossNotice = LineWriter.usualNotice
    ) throws(ConfigurationError) {
        self.init(try LineFile(path: path, hasOneWriter: false), name: path, lossNotice: lossNotice)
    }

    /// Writes to an audit file: as ``init(path:lossNotice:)``, with lines that are linked.
    /// - Parameters:
    ///   - path: the file.
    ///   - signer: signs checkpoints; nil for none.
    ///   - lossNotice: renders the line that says how many were lost, without its line feed.
    /// - Throws: ``ConfigurationError`` if the file can't be used, or if another server writes to it.
    convenience init(
        auditFile path: String, signer: AuditSigner?, lossNotice: @escaping LossNotice
    ) throws(ConfigurationError) {
        let file = try LineFile(path: path, hasOneWriter: true)
        do throws(ConfigurationError) {
            self.init(file, name: path, lossNotice: lossNotice, opening: try AuditOpening.open(path, signer))
        } catch {
            file.letGo()
            throw error
        }
    }

    /// Writes to a syslog daemon, a datagram for each line; what it does not take while it is away is lost, and counted.
    /// - Parameter syslog: the path of its socket.
    convenience init(syslog: String) { self.init(LineFile(SyslogSender(path: syslog)), name: syslog) }

    /// Takes a line, without its line feed. Never waits for the file.
    func write(_ line: String) {
        condition.lock()
        defer { condition.unlock() }
        guard !isClosed, pending.count < Self.limit, line.utf8.count <= maximumLength else {
            dropped += 1
            losses.add(1, ordering: .relaxed)
            return
        }
        let isFirst = pending.isEmpty
        add(line)
        if isFirst { condition.signal() }
    }

    /// A longer line of an audit file would be read as none.
    private var maximumLength: Int { opening == nil ? .max : AuditLine.maximumLength - AuditChain.overhead }

    /// While `condition` is locked.
    private func add(_ line: String) {
        pending.append(contentsOf: line.utf8)
        pending.append(UInt8(ascii: "\n"))
    }

    /// Returns when all lines that were taken before are written, or known to be lost.
    func flush() async {
        await withCheckedContinuation { continuation in
            condition.lock()
            let isDone = isOver || pending.isEmpty && !isWriting
            if !isDone { waiting.append { continuation.resume() } }
            condition.unlock()
            if isDone { continuation.resume() }
        }
    }

    /// Has the file opened anew at its path, if another one is there now, or none: the old one is let go of at once. Never waits for the file.
    func reopen() {
        condition.lock()
        isReopeningWanted = true
        condition.signal()
        condition.unlock()
    }

    /// Takes last lines, and no more after them; returns when all are written and the file is let go of. Blocks: call it at the very end.
    /// - Parameter lines: the last lines. Of a writer that is closed already they are not taken.
    func close(after lines: [String] = []) {
        condition.lock()
        end(after: lines)
        while !isOver { condition.wait() }
        condition.unlock()
    }

    /// As ``close(after:)``, without holding a thread.
    func finish(after lines: [String]) async {
        await withCheckedContinuation { continuation in
            condition.lock()
            end(after: lines)
            let isDone = isOver
            if !isDone { waitingForEnd.append { continuation.resume() } }
            condition.unlock()
            if isDone { continuation.resume() }
        }
    }

    /// While `condition` is locked.
    private func end(after lines: [String]) {
        guard !isClosed else { return }
        // No line of somebody else comes between them, or behind them.
        for line in lines { add(line) }
        isClosed = true
        condition.broadcast()
    }

    private func run() {
        condition.lock()
        while true {
            while pending.isEmpty, !isClosed, !isReopeningWanted { condition.wait() }
            if isReopeningWanted {
                isReopeningWanted = false
                condition.unlock()
                _ = follow()
                condition.lock()
                continue
            }
            guard !pending.isEmpty else { break }
            // Lines come in crowds: waking for each of them costs more than writing it.
            let soon = Date(timeIntervalSinceNow: Self.gathering)
            while !isClosed, condition.wait(until: soon) {}
            let batch = pending
            pending = []
            var done = waiting
            waiting = []
            let untold = dropped
            dropped = 0
            isWriting = true
            condition.unlock()
            let lost = write(batch, afterLosing: untold)
            let chain = link?.chain
            condition.lock()
            end = chain
            dropped += lost
            isWriting = false
            // Who came meanwhile waits for this batch too, and for no more if nothing is pending.
            if pending.isEmpty {
                done += waiting
                waiting = []
            }
            condition.unlock()
            for continuation in done { continuation() }
            condition.lock()
        }
        // Nobody writes any more, and nothing is pending.
        condition.unlock()
        link?.head.release()
        file.letGo()
        condition.lock()
        isOver = true
        let done = waiting + waitingForEnd
        (waiting, waitingForEnd) = ([], [])
        condition.broadcast()
        condition.unlock()
        for continuation in done { continuation() }
    }

    /// Writes a batch of lines.
    /// - Parameter count: how many lines were lost before it, and are not told of in the file yet.
    /// - Returns: how many still have to be told of.
    private func write(_ batch: [UInt8], afterLosing count: Int) -> Int {
        // A file that begins within the chain is signed from its first line on, for whoever checks it alone.
        let beginsFile = follow()
        let notice = count > 0 ? Array("\(lossNotice(count))\n".utf8) : []
        let lines = notice + batch
        guard let link else {
            return settle(lines, Array((endsWithinLine ? "\n" : "").utf8) + lines, count).untold
        }
        // Each line's end in the text, and the chain behind it: what the file does not take was never linked.
        var (chain, text, ends): (AuditChain, [UInt8], [(Int, AuditChain)]) = (link.chain, [], [])
        if endsWithinLine { text.append(UInt8(ascii: "\n")) }
        func add(_ line: String) {
            guard let linked = chain.link(line) else { return }
            text += linked.utf8
            text.append(UInt8(ascii: "\n"))
            ends.append((text.count, chain))
        }
        if beginsFile { add(AuditChain.checkpoint) }
        for line in lines.split(separator: UInt8(ascii: "\n")) { add(String(decoding: line, as: UTF8.self)) }
        let (written, untold) = settle(lines, text, count)
        // A line is whole without its line feed too.
        let last = ends.last { $0.0 - 1 <= written }
        chain = last?.1 ?? link.chain
        chain.cut(text.span.extracting(min(last?.0 ?? 0, written)..<written))
        self.link?.chain = chain
        self.link?.head.keep(chain)
        return untold
    }

    /// Writes a text, and counts what the file did not take.
    /// - Parameters:
    ///   - text: the lines as they are written.
    ///   - count: how many lines were lost before.
    /// - Returns: how many bytes the file took, and how many lines still have to be told of.
    private func settle(_ lines: [UInt8], _ text: [UInt8], _ count: Int) -> (written: Int, untold: Int) {
        let written = file.write(text)
        guard written < text.count else {
            (isFailing, endsWithinLine) = (false, false)
            return (written, 0)
        }
        // A line that was cut short is lost too: it is not what it was meant to be.
        var lost = min(
            lines.count { $0 == UInt8(ascii: "\n") }, text[written...].count { $0 == UInt8(ascii: "\n") })
        // Of a line whose line feed alone is missing nothing is.
        if written > 0, text[written] == UInt8(ascii: "\n") { lost -= 1 }
        losses.add(lost, ordering: .relaxed)
        if written > 0 { endsWithinLine = text[written - 1] != UInt8(ascii: "\n") }
        if !isFailing {
            let reason = String(cString: strerror(errno))
            complain("\(name) can't be written (\(reason)): its lines are lost until it can")
        }
        isFailing = true
        return (written, count + lost)
    }

    /// Opens the file at its path, if it is not the one that is open. Where that fails the open one goes on taking lines.
    /// - Returns: whether the next line is the first one of a file, but not of this writer.
    private func follow() -> Bool {
        do throws(ConfigurationError) {
            // What is in a new one already was written by somebody else, or is nothing.
            let isNew = try file.follow()
            if isNew { endsWithinLine = false }
            isFollowFailing = false
            guard let link, let opening else { return false }
            return isNew || file.isEmpty && link.chain.number > opening.chain.number
        } catch {
            if !isFollowFailing { complain("\(error). Lines go on into the file that was moved away") }
            isFollowFailing = true
            return false
        }
    }

    /// Tells standard error, once for each time that the file stops taking lines.
    private func complain(_ words: String) {
        guard !file.isStandardError else { return }
        let text = "latchkey: \(words)\n"
        _ = text.utf8.withContiguousStorageIfAvailable { Foundation.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
