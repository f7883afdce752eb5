import Foundation

/// Keeps a second process out of a data folder: recently used keys are remembered in memory, so that a second process
/// would not see a key revoked by the first.
///
/// The kernel drops the lock when the process ends, however it ends.
final class FolderLock: Sendable {
    private let descriptor: Int32

    init(folder: URL) throws(StorageError) {
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw .folderNotWritable(path: folder.path, reason: Self.reason(error))
        }
        descriptor = open(folder.appending(path: "latchkey.lock").path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw .folderNotWritable(path: folder.path, reason: String(cString: strerror(errno)))
        }
        // Else a command that root has run once would keep the service out for ever.
        OwnedFile.giveToOwner(of: folder, descriptor)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw .inUse(path: folder.path)
        }
    }

    /// Gives the folder free. Once.
    ///
    /// Closing alone would not do: a process that this one is just starting has the descriptor too, until it becomes
    /// another program.
    func release() {
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// The system's words where there are any: Foundation's own are for windows.
    private static func reason(_ error: any Error) -> String {
        let error = error as NSError
        let underlying = error.userInfo[NSUnderlyingErrorKey] as? NSError
        guard let posix = underlying, posix.domain == NSPOSIXErrorDomain else { return error.localizedDescription }
        return String(cString: strerror(Int32(posix.code)))
    }
}
