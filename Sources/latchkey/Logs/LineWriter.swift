import Credentials
import Foundation

/// Writes lines to a file on a thread of its own, so that no event loop waits for a disk or a pipe.
///
/// What waits is bounded: past the limit lines are dropped and counted, and the count is written once there is room.
///
/// `@unchecked Sendable`: `pending`, `dropped`, `isWriting` and `isClosed` are touched only while `condition` is locked;
/// the descriptor never changes, and is closed by nobody.
final class LineWriter: @unchecked Sendable {
    private static let limit = 8 << 20
    /// How long the first line of a batch waits for more, in seconds.
    private static let gathering = 0.002

    private let descriptor: Int32
    private let condition = NSCondition()
    private var pending: [UInt8] = []
    private var dropped = 0
    private var isWriting = false
    private var isClosed = false

    /// Writes to an open descriptor.
    init(descriptor: Int32) {
        self.descriptor = descriptor
        Thread { [self] in
            ThreadName.set("log")
            run()
        }.start()
    }

    /// Writes to a file, at its end. It is made with mode 0600: who logged in from where is nobody else's business.
    convenience init(path: String) throws(ConfigurationError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            throw ConfigurationError(place: path, message: "can't be written (\(reason)): choose another log file")
        }
        self.init(descriptor: descriptor)
    }

    /// Takes a line, without its line feed. Never waits for the file.
    func write(_ line: String) {
        condition.lock()
        defer { condition.unlock() }
        guard !isClosed, pending.count < Self.limit else {
            dropped += 1
            return
        }
        let isFirst = pending.isEmpty
        pending.append(contentsOf: line.utf8)
        pending.append(UInt8(ascii: "\n"))
        if isFirst { condition.signal() }
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
            while pending.isEmpty, !isClosed { condition.wait() }
            guard !pending.isEmpty else { return }
            // Lines come in crowds: waking for each of them costs more than writing it.
            let soon = Date(timeIntervalSinceNow: Self.gathering)
            while !isClosed, condition.wait(until: soon) {}
            var batch = pending
            pending = []
            if dropped > 0 {
                batch += "latchkey: \(dropped) log lines were dropped, the log could not keep up\n".utf8
                dropped = 0
            }
            isWriting = true
            condition.unlock()
            flush(batch)
            condition.lock()
            isWriting = false
            condition.broadcast()
        }
    }

    private func flush(_ batch: [UInt8]) {
        var rest = batch[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            // A full disk or a closed pipe: there is no better place to say so.
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
