/// Why the store can't be opened.
public enum StorageError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The folder can't be made or written.
    case folderNotWritable(path: String, reason: String)
    /// Another process has the folder.
    case inUse(path: String)
    /// The database can't be opened or brought up to date.
    case unusable(path: String, reason: String)

    /// What failed, where, and what to do.
    public var description: String {
        switch self {
        case .folderNotWritable(let path, let reason):
            "the data folder \(path) can't be written (\(reason)): make it writable for this user, or choose another one"
        case .inUse(let path):
            "the data folder \(path) is in use by another latchkey: stop that one, or give this one a folder of its own"
        case .unusable(let path, let reason):
            "the store \(path) can't be opened (\(reason))"
        }
    }
}
