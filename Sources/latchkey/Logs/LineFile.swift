import Credentials
import Foundation

/// Where lines go: a file, which may be moved away from its path, an open descriptor, or a syslog daemon.
struct LineFile {
    private var descriptor: Int32
    /// Where the file is; nil for a descriptor that was open already.
    private let path: String?
    /// Whether no other process may write to it.
    private let hasOneWriter: Bool
    private let sender: SyslogSender?

    /// An open descriptor, which stays open.
    init(descriptor: Int32) {
        (self.descriptor, path, hasOneWriter, sender) = (descriptor, nil, false, nil)
    }

    /// A syslog daemon.
    init(_ sender: SyslogSender) {
        (descriptor, path, hasOneWriter, self.sender) = (-1, nil, false, sender)
    }

    /// Opens a file, to write at its end. It is made with mode 0600: who logged in from where is nobody else's business.
    /// - Parameters:
    ///   - path: the file.
    ///   - hasOneWriter: whether no other process may write to it (``AuditLock``).
    /// - Throws: ``ConfigurationError``.
    init(path: String, hasOneWriter: Bool) throws(ConfigurationError) {
        (self.path, self.hasOneWriter, sender) = (path, hasOneWriter, nil)
        descriptor = try Self.open(path, hasOneWriter)
    }

    /// Whether this is standard error.
    var isStandardError: Bool { descriptor == STDERR_FILENO }

    /// Whether nothing stands in the file.
    var isEmpty: Bool { FileSignature(descriptor: descriptor)?.size == 0 }

    /// Opens the file at the path, if it is not the one that is open.
    /// - Returns: whether it is another one now.
    /// - Throws: ``ConfigurationError`` if there is another one that can't be opened: the open one goes on taking lines.
    mutating func follow() throws(ConfigurationError) -> Bool {
        guard let path, let open = FileSignature(descriptor: descriptor) else { return false }
        if let there = FileSignature(path: path), there.isSameFile(as: open) { return false }
        // The new one is locked before the old one is let go of.
        let new = try Self.open(path, hasOneWriter)
        letGo()
        descriptor = new
        return true
    }

    /// Writes a text. Blocks.
    /// - Returns: how many bytes were taken; errno says why not all.
    func write(_ text: [UInt8]) -> Int {
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

    /// Closes the file that was opened here, and lets another process have it. Closing alone would not do: a process that this one is just starting
    /// has the descriptor too, until it becomes another program.
    func letGo() {
        guard path != nil else { return }
        if hasOneWriter { flock(descriptor, LOCK_UN) }
        close(descriptor)
    }

    /// Looks what kind of file it is, and has writes wait for it from now on.
    private static func check(_ descriptor: Int32, _ path: String, _ hasOneWriter: Bool) throws(ConfigurationError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw irregular(path) }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        // /dev/null, a terminal, and what /dev/stdout leads to.
        case S_IFCHR where !hasOneWriter: break
        case S_IFIFO where !hasOneWriter && isStandard(status): break
        default: throw irregular(path)
        }
        let flags = fcntl(descriptor, F_GETFL)
        guard flags >= 0, fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK) == 0 else { throw irregular(path) }
    }

    /// Whether it is the pipe that standard output or standard error is, as where a service manager reads it.
    private static func isStandard(_ status: stat) -> Bool {
        let file = FileSignature(status)
        return [STDOUT_FILENO, STDERR_FILENO].contains {
            FileSignature(descriptor: $0)?.isSameFile(as: file) == true
        }
    }

    private static func irregular(_ path: String) -> ConfigurationError {
        ConfigurationError(
            place: path,
            message: "is no regular file, as a named pipe, a socket or a device: lines go to a file. Choose another one"
        )
    }

    private static func open(_ path: String, _ hasOneWriter: Bool) throws(ConfigurationError) -> Int32 {
        // A named pipe that nobody reads would hold the start for ever.
        let descriptor = Foundation.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0o600)
        guard descriptor >= 0 else {
            let code = errno
            // A pipe without a reader, or a socket.
            if code == ENXIO { throw irregular(path) }
            let reason = String(cString: strerror(code))
            throw ConfigurationError(place: path, message: "can't be written (\(reason)): choose another log file")
        }
        do throws(ConfigurationError) {
            try check(descriptor, path, hasOneWriter)
        } catch {
            close(descriptor)
            throw error
        }
        guard hasOneWriter else { return descriptor }
        do throws(ConfigurationError) {
            try AuditLock.take(descriptor, path)
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }
}
