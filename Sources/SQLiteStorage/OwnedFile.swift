import Foundation

/// A new file in a data folder, which belongs to whom the folder belongs to: the service runs as a user of its own, and what root makes there by a
/// command would be closed to it.
enum OwnedFile {
    /// Makes a file that nobody else may read.
    /// - Parameters:
    ///   - path: where; nothing may be there yet.
    ///   - folder: the data folder.
    /// - Returns: the file, open for writing.
    /// - Throws: ``StorageError``.
    static func create(_ path: String, in folder: URL) throws(StorageError) -> FileHandle {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw .folderNotWritable(path: folder.path, reason: String(cString: strerror(errno)))
        }
        giveToOwner(of: folder, descriptor)
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// Gives a file to the folder's owner, if this is root: nobody else may.
    static func giveToOwner(of folder: URL, _ descriptor: Int32) {
        var information = stat()
        guard geteuid() == 0, stat(folder.path, &information) == 0 else { return }
        // What fails here fails on a file system without owners, where nothing needs it.
        _ = fchown(descriptor, information.st_uid, information.st_gid)
    }
}
