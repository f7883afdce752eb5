import Foundation
import GRDB

/// Why the store can't be opened.
public enum StorageError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The folder can't be made or written.
    case folderNotWritable(path: String, reason: String)
    /// Another process has the folder.
    case inUse(path: String)
    /// The database can't be opened or brought up to date.
    case unusable(path: String, reason: String)
    /// The database is damaged: what is wrong, a line each.
    case damaged(path: String, problems: [String])
    /// A file that was to be written is there already.
    case exists(path: String)
    /// A backup can't take the place of a store.
    case noBackup(path: String, reason: String)
    /// A restore was cut off before the backup was in its place.
    case restoreCutOff(folder: String)

    /// What failed, where, and what to do.
    public var description: String {
        switch self {
        case .folderNotWritable(let path, let reason):
            "the data folder \(path) can't be written (\(reason)): make it writable for this user, or choose another one"
        case .inUse(let path):
            "the data folder \(path) is in use by another latchkey: stop that one, or give this one a folder of its own"
        case .unusable(let path, let reason):
            "the store \(path) can't be opened (\(reason))"
        case .damaged(let path, let problems):
            "\(path) is damaged (\(problems.first ?? "it can't be read")): put a backup in its place (latchkey store restore)"
        case .exists(let path): "\(path) is there already: name another file, or move that one away"
        case .noBackup(let path, let reason): "\(path) was not restored, and nothing was changed: \(reason)"
        case .restoreCutOff(let folder):
            "a restore into \(folder) was cut off before it was done: do it again (latchkey store restore)"
        }
    }
}

extension StorageError {
    /// What keeps a file from being opened as a store.
    static func opening(_ path: String, _ error: any Error) -> StorageError {
        isDamage(error)
            ? .damaged(path: path, problems: [words(error)]) : .unusable(path: path, reason: words(error))
    }

    /// Whether SQLite says that a file is not, or not any more, a database.
    static func isDamage(_ error: any Error) -> Bool {
        guard let code = (error as? DatabaseError)?.resultCode else { return false }
        return code == .SQLITE_CORRUPT || code == .SQLITE_NOTADB
    }

    /// SQLite's own words, and none of the statement that met with it.
    static func words(_ error: any Error) -> String {
        switch error {
        case let error as DatabaseError:
            "SQLite error \(error.extendedResultCode.rawValue): \(error.message ?? "no more is known")"
        case is DecodingError, is RowDecodingError: "a row has what does not belong there"
        case let error as any CustomStringConvertible: error.description
        default: "it failed"
        }
    }
}
