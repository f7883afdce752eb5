import Credentials

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The content of a file at one moment, with what tells that it has changed since.
struct FileSnapshot: Sendable {
    let bytes: [UInt8]
    let signature: FileSignature

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
        signature = FileSignature(status)
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
