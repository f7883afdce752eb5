public import APIKeys
public import Credentials
import Foundation
import GRDB

/// What operators do with a store: move keys, look for damage, back up.
extension SQLiteStore {
    /// Adds keys as they are, for an import. One that is there already, by its digest or its id, stays as it is.
    /// - Parameter keys: the keys.
    /// - Returns: how many were added.
    /// - Throws: `SourceFailure` if they could not be stored.
    public func add(_ keys: [(APIKeyRecord, APIKeyDigest)]) async throws(SourceFailure) -> Int {
        let rows = keys.map { APIKeyRow($0, digest: $1) }
        return try await bounded(.maintenance) { database in
            try await database.write { database in
                try rows.count { row in
                    try row.insert(database, onConflict: .ignore)
                    return database.changesCount == 1
                }
            }
        }
    }

    /// Looks for damage of the file (SQLite's `integrity_check`).
    /// - Returns: what is wrong, a line each; nothing for a sound store.
    /// - Throws: `SourceFailure` if the store could not look.
    public func problems() async throws(SourceFailure) -> [String] {
        try await bounded(.maintenance) { database in
            try await database.read { try StoreExamination.problems(of: $0) }
        }
    }

    /// Copies the store as it is at one moment, while another process works with it (SQLite's online backup).
    /// - Parameter path: the file to write, readable by its owner alone; it must not be there yet.
    /// - Throws: ``StorageError`` if it is there or can't be written, or this is no store: nobody could go on with such a backup.
    public func backUp(to path: String) async throws(StorageError) {
        let isStore: Bool
        do {
            isStore = try await bounded(.maintenance) { database in
                try await database.read { database in
                    try !Migrations.migrator.appliedMigrations(database).isEmpty
                        && database.tableExists(APIKeyRow.databaseTableName)
                }
            }
        } catch {
            throw .opening(file.path, error)
        }
        guard isStore else { throw .unusable(path: file.path, reason: "it is no store of latchkey") }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw errno == EEXIST
                ? .exists(path: path) : .unusable(path: path, reason: String(cString: strerror(errno)))
        }
        try? FileHandle(fileDescriptor: descriptor, closeOnDealloc: true).close()
        do {
            try await bounded(.maintenance) { database in
                let copy = try DatabaseQueue(path: path)
                try database.backup(to: copy)
                try copy.close()
            }
        } catch {
            unlink(path)
            throw .opening(path, error)
        }
    }
}
