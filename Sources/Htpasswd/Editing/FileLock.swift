import Foundation

/// A lock that processes take turns by.
struct FileLock {
    private let descriptor: Int32

    /// Waits for the lock.
    init(path: String) throws(HtpasswdEditError) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .file(path: path, reason: String(cString: strerror(errno))) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else {
                close(descriptor)
                throw .file(path: path, reason: String(cString: strerror(errno)))
            }
        }
    }

    /// Gives the turn to the next. Closing alone would not do: a process that this one is just starting has the descriptor
    /// too, until it becomes another program.
    func release() {
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
