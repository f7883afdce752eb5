public import Foundation

extension SQLiteStore {
    /// Puts a backup in the place of a folder's store. Blocks.
    ///
    /// The backup is copied, looked at, and only then put in place; the files of before are moved aside. If it ends in the middle, no server starts in
    /// the folder before it was done again.
    /// - Parameters:
    ///   - backup: the file that ``backUp(to:)`` has written. It stays as it is.
    ///   - folder: the data folder, which no server may have open. It is made if it is not there.
    ///   - date: the present, for the names of the files of before.
    /// - Returns: the files of before, by their new names; none if there was no store.
    /// - Throws: ``StorageError`` if a server has the folder, this user may not write for its owner, or the backup is damaged or none.
    public static func restore(_ backup: String, into folder: URL, at date: Date) throws(StorageError) -> [String] {
        var information = stat()
        if stat(folder.path, &information) == 0, geteuid() != 0, information.st_uid != geteuid() {
            throw .folderNotWritable(
                path: folder.path, reason: "it belongs to another user, who could not read what this one writes")
        }
        let lock = try FolderLock(folder: folder)
        defer { lock.release() }
        let file = RestoredFile(folder: folder, backup: backup)
        try file.bringIn()
        return try file.putInPlace(date.formatted(.iso8601).filter { !"-:".contains($0) })
    }
}
