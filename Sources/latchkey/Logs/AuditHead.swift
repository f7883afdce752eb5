import Credentials
import Foundation

/// Where the chain of an audit file ends: kept beside the file, so that it goes on over a rotation and a restart, and so that an end that is cut off
/// while nobody writes shows.
struct AuditHead {
    /// Where the chain was, as a head says it.
    struct Place: Sendable, Equatable {
        /// The number of the last line.
        let number: UInt64
        /// Its hash.
        let hash: AuditHash

        /// Reads a head.
        /// - Returns: nil for what is none.
        init?(_ text: some StringProtocol) {
            let parts = text.split(separator: " ", omittingEmptySubsequences: false)
            guard text.utf8.count == Self.length, parts.count == 2, parts[0].utf8.count == 20,
                parts[0].utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
                let number = UInt64(parts[0]), number <= AuditHead.maximumNumber,
                parts[1].hasSuffix("\n"), let hash = AuditHash(parts[1].dropLast())
            else { return nil }
            (self.number, self.hash) = (number, hash)
        }

        /// A number of 20 digits, a space, a hash, a line feed.
        static let length = 86
    }

    /// The highest number that a chain goes on from: half of what is read, so that there is room behind it whatever somebody has written there.
    static let maximumNumber = AuditLine.maximumNumber / 2

    private let place: String
    private var descriptor: Int32
    /// Whether the disk has what was kept first. A power failure must not bring back that the server had stopped: its lines would look put in.
    private var isFirstOnDisk = false

    /// Where the head of an audit file is.
    static func path(of file: String) -> String { file + ".head" }

    /// Opens the head, and keeps other servers from it.
    /// - Parameter path: the audit file's path.
    init(path: String) throws(ConfigurationError) {
        place = Self.path(of: path)
        descriptor = try Self.open(place)
    }

    /// Finds where the chain was; nil if nothing says so.
    func read() -> Place? { Self.read(descriptor) }

    /// Reads the head of an audit file that another process may be writing to.
    /// - Parameter path: the audit file's path.
    /// - Returns: nil if there is none, or if it is damaged.
    static func read(besides path: String) -> Place? {
        let descriptor = Foundation.open(Self.path(of: path), O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return read(descriptor)
    }

    /// Keeps where the chain is: always as many bytes, in one write. Failing to is no reason to stop: the file itself tells most of it.
    mutating func keep(_ chain: AuditChain) {
        reopenIfGone()
        let digits = String(chain.number)
        let line = String(repeating: "0", count: max(0, 20 - digits.count)) + digits + " \(chain.hash)\n"
        _ = line.utf8.withContiguousStorageIfAvailable { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
        guard !isFirstOnDisk else { return }
        isFirstOnDisk = true
        fsync(descriptor)
    }

    /// Lets other servers have it.
    func release() {
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// Makes a new one where somebody has deleted it: else the chain would begin anew at the next start after a rotation.
    private mutating func reopenIfGone() {
        if let there = FileSignature(path: place), FileSignature(descriptor: descriptor)?.isSameFile(as: there) == true
        {
            return
        }
        // Where that fails the old one is kept, which nobody sees: the file itself tells most of it.
        do throws(ConfigurationError) {
            let new = try Self.open(place)
            release()
            descriptor = new
        } catch {}
    }

    private static func open(_ place: String) throws(ConfigurationError) -> Int32 {
        let descriptor = Foundation.open(place, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o600)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            throw ConfigurationError(
                place: place, message: "can't be written (\(reason)): the audit file needs it for its chain")
        }
        do throws(ConfigurationError) {
            try AuditLock.take(descriptor, place)
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    private static func read(_ descriptor: Int32) -> Place? {
        var bytes = [UInt8](repeating: 0, count: Place.length + 1)
        let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        guard count == Place.length else { return nil }
        return Place(String(decoding: bytes.prefix(count), as: UTF8.self))
    }
}
