/// Why an htpasswd file could not be taken into force.
public enum HtpasswdFileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// It can't be opened or read.
    case unreadable(path: String, reason: String)
    /// It is 4 GiB or larger.
    case tooLarge(path: String)
    /// It has lines, and none of them is a user's: this is no htpasswd file.
    case noUsers(path: String, firstProblem: String)

    /// What failed, where, and what to do.
    public var description: String {
        switch self {
        case .unreadable(let path, let reason):
            "the htpasswd file \(path) can't be read (\(reason)): check the path and its permissions"
        case .tooLarge(let path):
            "the htpasswd file \(path) is 4 GiB or larger: that is more than is read"
        case .noUsers(let path, let problem):
            "the htpasswd file \(path) has no line 'user:hash' (\(problem)): is it the right file?"
        }
    }
}
