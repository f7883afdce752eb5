import Foundation

/// Who may connect to a Unix socket: whoever may write to its file (unix(7)).
enum UnixSocketFile {
    /// Why that can't be set.
    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    /// Lets a group, or everybody, connect.
    /// - Parameters:
    ///   - path: the socket's file.
    ///   - mode: its mode; nil to leave it as it is.
    ///   - group: its group; nil to leave it as it is.
    static func admit(_ path: String, mode: UInt16?, group: String?) throws(Problem) {
        if let group {
            guard let entry = getgrnam(group) else {
                throw Problem(description: "there is no group \(group) on this machine")
            }
            guard chown(path, uid_t.max, entry.pointee.gr_gid) == 0 else {
                throw Problem(description: "can't be given to the group \(group): \(String(cString: strerror(errno)))")
            }
        }
        // The group first: until it is set, the usual mode lets nobody else in.
        if let mode, chmod(path, mode_t(mode)) != 0 {
            throw Problem(description: "can't be given its mode: \(String(cString: strerror(errno)))")
        }
    }
}
