import Foundation

/// New content for a file, beside it and on the disk already: only its name is still to change.
struct FileReplacement {
    private let path: String
    private let temporary: String

    /// Writes the content, with the owner and mode of the file that it will replace.
    init(_ bytes: [UInt8], for path: String) throws(HtpasswdEditError) {
        self.path = path
        temporary = "\(path).\(UInt32.random(in: .min ... .max)).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .file(path: temporary, reason: String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var status = stat()
        let isNew = stat(path, &status) != 0
        // Changing the owner takes privilege; without it the mode must not be opened to somebody else's group.
        let keepsOwner = isNew || fchown(descriptor, status.st_uid, status.st_gid) == 0
        let mode = isNew ? 0o640 : keepsOwner ? status.st_mode & 0o7777 : status.st_mode & 0o700
        guard fchmod(descriptor, mode) == 0, Self.write(bytes, to: descriptor), fsync(descriptor) == 0 else {
            let reason = String(cString: strerror(errno))
            unlink(temporary)
            throw .file(path: temporary, reason: reason)
        }
    }

    /// Puts it in the file's place, for good.
    func commit() throws(HtpasswdEditError) {
        guard rename(temporary, path) == 0 else {
            let reason = String(cString: strerror(errno))
            discard()
            throw .file(path: path, reason: reason)
        }
        let folder = open(URL(filePath: path).deletingLastPathComponent().path, O_RDONLY | O_CLOEXEC)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
    }

    /// Forgets it.
    func discard() { unlink(temporary) }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
