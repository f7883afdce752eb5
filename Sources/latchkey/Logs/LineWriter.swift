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
/// `@unchecked Sendable`: `pending`, `dropped`, `isWriting`, `isReopeningWanted`, `isClosed` and `end` are touched only while `condition` is locked, and
/// `isFailing`, `endsWithinLine`, `link` and `descriptor` by the writing thread alone once it has started; the rest never changes.
final class LineWriter: @unchecked Sendable {
    private static let limit = 8 << 20
    /// How long the first line of a batch waits for more, in seconds.
    private static let gathering = 0.002

    private var descriptor: Int32
    private let sender: SyslogSender?
    /// Where the file is; nil for a descriptor that was open already.
    private let path: String?
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
    /// For an audit file: where it ended when it was opened.
    let beginning: AuditChain?
    private var isFailing = false
    private var endsWithinLine = false
    private let condition = NSCondition()
    private var pending: [UInt8] = []
    private var dropped = 0
    private var isWriting = false
    private var isReopeningWanted = false
    private var isClosed = false

    /// How many lines were lost since the start.
    var lost: Int { losses.load(ordering: .relaxed) }

    /// For an audit file: where what was written of it ends.
    var lastLinked: AuditChain? {
        condition.lock()
        defer { condition.unlock() }
        return end
    }

    /// Writes to an open descriptor.
    /// - Parameters:
    ///   - descriptor: an open file.
    ///   - name: what it is called in messages and metrics.
    ///   - path: where it is, for a file that may be moved away; nil for any other.
    ///   - lossNotice: renders the line that says how many were lost, without its line feed.
    ///   - chain: for an audit file: what links its lines, where that is kept, and whether the file ends within a line.
    ///   - sender: takes the lines instead of the descriptor; nil for none.
    init(
        descriptor: Int32, name: String, path: String? = nil,
        lossNotice: @escaping LossNotice = LineWriter.usualNotice,
        chain: (chain: AuditChain, head: AuditHead, endsWithinLine: Bool)? = nil, sender: SyslogSender? = nil
    ) {
        self.descriptor = descriptor
        self.sender = sender
        self.path = path
        link = chain.map { ($0.chain, $0.head) }
        beginning = chain?.chain
        end = chain?.chain
        endsWithinLine = chain?.endsWithinLine ?? false
        self.name = name
        self.lossNotice = lossNotice
        Thread { [self] in
            ThreadName.set("log")
            run()
        }.start()
    }

    /// Writes to a file, at its end. It is made with mode 0600: who logged in from where is nobody else's business.
    convenience init(
        path: String, lossNotice: @escaping LossNotice = LineWriter.usualNotice
    ) throws(ConfigurationError) {
        self.init(descriptor: try Self.open(path), name: path, path: path, lossNotice: lossNotice)
    }

    /// Writes to an audit file: as ``init(path:lossNotice:)``, with lines that are linked.
    /// - Parameters:
    ///   - path: the file.
    ///   - signer: signs checkpoints; nil for none.
    ///   - lossNotice: renders the line that says how many were lost, without its line feed.
    convenience init(
        auditFile path: String, signer: AuditSigner?, lossNotice: @escaping LossNotice
    ) throws(ConfigurationError) {
        let descriptor = try Self.open(path)
        let head = try AuditHead(path: path)
        let (chain, endsWithinLine) = try head.resume(signer: signer)
        self.init(
            descriptor: descriptor, name: path, path: path, lossNotice: lossNotice, chain: (chain, head, endsWithinLine)
        )
    }

    private static func open(_ path: String) throws(ConfigurationError) -> Int32 {
        let descriptor = Foundation.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            throw ConfigurationError(place: path, message: "can't be written (\(reason)): choose another log file")
        }
        return descriptor
    }

    /// Writes to a syslog daemon, a datagram for each line; what it does not take while it is away is lost, and counted.
    /// - Parameter syslog: the path of its socket.
    convenience init(syslog: String) {
        let sender = SyslogSender(path: syslog)
        self.init(descriptor: -1, name: syslog, sender: sender)
    }

    /// Takes a line, without its line feed. Never waits for the file.
    func write(_ line: String) {
        condition.lock()
        defer { condition.unlock() }
        guard !isClosed, pending.count < Self.limit else {
            dropped += 1
            losses.add(1, ordering: .relaxed)
            return
        }
        let isFirst = pending.isEmpty
        pending.append(contentsOf: line.utf8)
        pending.append(UInt8(ascii: "\n"))
        if isFirst { condition.signal() }
    }

    /// Has the file opened anew at its path, if another one is there now, or none: the old one is let go of at once. Never waits for the file.
    func reopen() {
        condition.lock()
        isReopeningWanted = true
        condition.signal()
        condition.unlock()
    }

    /// Takes no more lines, and returns when all are written. Blocks: call it at the very end.
    func close() {
        condition.lock()
        isClosed = true
        condition.broadcast()
        while isWriting || !pending.isEmpty { condition.wait() }
        condition.unlock()
    }

    private func run() {
        condition.lock()
        defer { condition.unlock() }
        while true {
            while pending.isEmpty, !isClosed, !isReopeningWanted { condition.wait() }
            if isReopeningWanted {
                isReopeningWanted = false
                condition.unlock()
                reopenIfReplaced()
                condition.lock()
                continue
            }
            guard !pending.isEmpty else { return }
            // Lines come in crowds: waking for each of them costs more than writing it.
            let soon = Date(timeIntervalSinceNow: Self.gathering)
            while !isClosed, condition.wait(until: soon) {}
            let batch = pending
            pending = []
            let untold = dropped
            dropped = 0
            isWriting = true
            condition.unlock()
            reopenIfReplaced()
            let lost = write(batch, afterLosing: untold)
            let chain = link?.chain
            condition.lock()
            end = chain
            dropped += lost
            isWriting = false
            condition.broadcast()
        }
    }

    /// Writes a batch of lines.
    /// - Parameter count: how many lines were lost before it, and are not told of in the file yet.
    /// - Returns: how many still have to be told of.
    private func write(_ batch: [UInt8], afterLosing count: Int) -> Int {
        let notice = count > 0 ? Array("\(lossNotice(count))\n".utf8) : []
        let lines = notice + batch
        guard let link else {
            return settle(lines, Array((endsWithinLine ? "\n" : "").utf8) + lines, count).untold
        }
        // Each line's end in the text, and the chain behind it: what the file does not take was never linked.
        var (chain, text, ends): (AuditChain, [UInt8], [(Int, AuditChain)]) = (link.chain, [], [])
        if endsWithinLine { text.append(UInt8(ascii: "\n")) }
        for line in lines.split(separator: UInt8(ascii: "\n")) {
            guard let linked = chain.link(String(decoding: line, as: UTF8.self)) else { continue }
            text += linked.utf8
            text.append(UInt8(ascii: "\n"))
            ends.append((text.count, chain))
        }
        let (written, untold) = settle(lines, text, count)
        // A line is whole without its line feed too.
        let last = ends.last { $0.0 - 1 <= written }
        chain = last?.1 ?? link.chain
        chain.cut(text[min(last?.0 ?? 0, written)..<written])
        self.link = (chain, link.head)
        link.head.keep(chain)
        return untold
    }

    /// Writes a text, and counts what the file did not take.
    /// - Parameters:
    ///   - text: the lines as they are written.
    ///   - count: how many lines were lost before.
    /// - Returns: how many bytes the file took, and how many lines still have to be told of.
    private func settle(_ lines: [UInt8], _ text: [UInt8], _ count: Int) -> (written: Int, untold: Int) {
        let written = flush(text)
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
        if !isFailing { complain(errno) }
        isFailing = true
        return (written, count + lost)
    }

    /// Opens the file at the path, if it is not the one that is open. Where that fails the open one goes on taking lines.
    private func reopenIfReplaced() {
        guard let path, let open = FileSignature(descriptor: descriptor) else { return }
        if let there = FileSignature(path: path), there.isSameFile(as: open) { return }
        guard let new = try? Self.open(path) else {
            if !isFailing { complain(errno) }
            return
        }
        Foundation.close(descriptor)
        descriptor = new
        // What is there already was written by somebody else, or is nothing.
        endsWithinLine = false
    }

    /// - Returns: how many bytes the file took.
    private func flush(_ text: [UInt8]) -> Int {
        if let sender { return sender.send(text) }
        var rest = text[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            rest = rest.dropFirst(count)
        }
        return text.count - rest.count
    }

    /// Tells standard error, once for each time that the file stops taking lines.
    private func complain(_ code: Int32) {
        guard descriptor != STDERR_FILENO else { return }
        let text =
            "latchkey: \(name) can't be written (\(String(cString: strerror(code)))): its lines are lost until it can\n"
        _ = text.utf8.withContiguousStorageIfAvailable { Foundation.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
