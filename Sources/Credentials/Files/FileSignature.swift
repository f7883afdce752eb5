#if canImport(Glibc)
    package import Glibc
#elseif canImport(Musl)
    package import Musl
#endif

/// What stat(2) says of a file. Two files with the same signature are taken for the same: a replacement by rename or by a
/// switched symbolic link changes the inode, a write in place the times.
package struct FileSignature: Sendable, Equatable {
    package var device: UInt64
    package var inode: UInt64
    package var size: Int
    package var modified: Int
    package var changed: Int

    /// The signature in an answer of stat(2) or fstat(2).
    package init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int(status.st_size)
        // Anybody may set a file's time to any year (touch(1)): past 2262 the nanoseconds go round, and still tell one time from another.
        modified = Int(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int(status.st_mtim.tv_nsec)
        changed = Int(status.st_ctim.tv_sec) &* 1_000_000_000 &+ Int(status.st_ctim.tv_nsec)
    }

    /// The signature of the file at a path, following symbolic links; nil if there is none.
    package init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    /// The signature of an open file; nil if it can't be had.
    package init?(descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    /// Whether both are one file, whatever was written to it meanwhile.
    package func isSameFile(as other: FileSignature) -> Bool { device == other.device && inode == other.inode }
}
