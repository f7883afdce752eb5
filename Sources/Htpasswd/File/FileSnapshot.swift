#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The content of a file at one moment, with what tells that it has changed since.
struct FileSnapshot: Sendable {
    /// What stat(2) says of a file. Two files with the same signature are taken for the same: a replacement by rename or
    /// by a switched symbolic link changes the inode, a write in place the times.
    struct Signature: Sendable, Equatable {
        var device: UInt64
        var inode: UInt64
        var size: Int
        var modified: Int
        var changed: Int

        fileprivate init(_ status: stat) {
            device = UInt64(status.st_dev)
            inode = UInt64(status.st_ino)
            size = Int(status.st_size)
            modified = Int(status.st_mtim.tv_sec) * 1_000_000_000 + Int(status.st_mtim.tv_nsec)
            changed = Int(status.st_ctim.tv_sec) * 1_000_000_000 + Int(status.st_ctim.tv_nsec)
        }

        /// The signature of the file at a path, following symbolic links; nil if there is none.
        init?(path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            self.init(status)
        }
    }

    let bytes: [UInt8]
    let signature: Signature

    /// Reads a whole file. Blocks: for a lane.
    /// - Throws: ``HtpasswdFileError``.
    init(path: String) throws(HtpasswdFileError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(path: path, reason: String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .unreadable(path: path, reason: "not a regular file")
        }
        signature = Signature(status)
        guard signature.size < Int(UInt32.max) else { throw .tooLarge(path: path) }
        var failure: Int32 = 0
        bytes = [UInt8](unsafeUninitializedCapacity: signature.size) { buffer, count in
            while count < buffer.count, let base = buffer.baseAddress {
                let got = read(descriptor, base + count, buffer.count - count)
                if got > 0 { count += got; continue }
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = errno }
                break
            }
        }
        if failure != 0 { throw .unreadable(path: path, reason: String(cString: strerror(failure))) }
    }
}
