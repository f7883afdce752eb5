import Foundation

/// Keeps a second server from an audit file: each would go on with a chain of its own, and the file would prove nothing.
///
/// The lock is on the file itself, by whatever path it was opened, and goes with it when it is renamed. The kernel drops it when the process ends, however
/// it ends.
enum AuditLock {
    /// Takes the lock of an open file.
    /// - Parameters:
    ///   - descriptor: the file.
    ///   - path: what it is called in messages.
    /// - Throws: ``ConfigurationError`` if another server has it.
    static func take(_ descriptor: Int32, _ path: String) throws(ConfigurationError) {
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            switch errno {
            case EINTR: continue
            case EWOULDBLOCK:
                throw ConfigurationError(
                    place: path,
                    message:
                        "another server writes to this audit file: stop that one, or give each a file of its own (log.audit)"
                )
            case let code:
                throw ConfigurationError(
                    place: path,
                    message:
                        "can't be locked (\(String(cString: strerror(code)))): the audit file must be on a file system that has locks"
                )
            }
        }
    }
}
