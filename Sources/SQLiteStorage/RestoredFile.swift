import Foundation
import GRDB

/// A backup on its way into the place of a store.
///
/// It is copied into the folder and looked at there, so that the backup itself stays as it is. Then its name says that it is to be put in place: from
/// that moment on no server starts before that is done, as a store without its write-ahead log, or beside that of another one, is none
/// (https://www.sqlite.org/howtocorrupt.html, 1.4). The files of before are moved aside, and never deleted.
struct RestoredFile {
    /// Before the date that the files of before will have in their names.
    private static let marker = SQLiteStore.fileName + ".restoring-"
    private static let incoming = SQLiteStore.fileName + ".incoming"
    /// SQLite's files: the database comes last, so that it is never without its journal unless the marker stands beside it.
    private static let endings = ["-wal", "-shm", "-journal", ""]

    let folder: URL
    let backup: String

    /// The restore that was cut off in a folder.
    /// - Returns: the date of its files; nil if there is none.
    static func cutOff(in folder: URL) -> String? {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.first { $0.hasPrefix(marker) }.map { String($0.dropFirst(marker.count)) }
    }

    /// Copies the backup into the folder, and looks at it.
    /// - Throws: ``StorageError`` if it is damaged, or no backup of a store. Nothing was changed then.
    func bringIn() throws(StorageError) {
        try refuseOthers()
        discard()
        do throws(StorageError) {
            try copy("")
            if hasJournal { try copy("-wal") }
            try examine()
        } catch {
            discard()
            throw error
        }
    }

    /// Puts it in the place of the store.
    /// - Parameter date: for the names of the files of before, as `20261130T040000Z`.
    /// - Returns: the files of before, by their new names.
    /// - Throws: ``StorageError``. To be repeated then: no server starts before it is done.
    func putInPlace(_ date: String) throws(StorageError) -> [String] {
        // What a restore before has begun is ended under its date: a store and its journal keep names that belong together.
        let date = Self.cutOff(in: folder) ?? date
        let marked = path(Self.marker + date)
        try move(path(Self.incoming), marked)
        try makeDurable(folder.path)
        let name = unusedName(date)
        for ending in Self.endings where FileManager.default.fileExists(atPath: path(SQLiteStore.fileName + ending)) {
            try move(path(SQLiteStore.fileName + ending), path(name + ending))
        }
        try move(marked, path(SQLiteStore.fileName))
        try makeDurable(folder.path)
        return Self.endings.map { path(name + $0) }.filter { FileManager.default.fileExists(atPath: $0) }
    }

    private func refuseOthers() throws(StorageError) {
        var (given, present) = (stat(), stat())
        guard stat(backup, &given) == 0 else { throw refusal("it can't be read (\(Self.systemsWords))") }
        guard given.st_mode & S_IFMT == S_IFREG else { throw refusal("it is no plain file") }
        if stat(path(SQLiteStore.fileName), &present) == 0, given.st_dev == present.st_dev,
            given.st_ino == present.st_ino
        {
            throw refusal("it is the store itself")
        }
        if hasJournal, !isMovedAside {
            throw refusal(
                "\(backup)-wal lies beside it, so that it was copied from a running server: make one by latchkey store backup"
            )
        }
    }

    private var hasJournal: Bool {
        var journal = stat()
        return stat(backup + "-wal", &journal) == 0 && journal.st_size > 0
    }

    /// Whether it is a store that a restore has moved aside: its journal has moved with it, and is a part of it.
    private var isMovedAside: Bool {
        URL(filePath: backup).lastPathComponent.hasPrefix("\(SQLiteStore.fileName).before-")
    }

    /// - Parameter ending: of the file that is copied.
    private func copy(_ ending: String) throws(StorageError) {
        do {
            let source = try FileHandle(forReadingFrom: URL(filePath: backup + ending))
            let copy = try OwnedFile.create(path(Self.incoming + ending), in: folder)
            while let block = try source.read(upToCount: 1 << 20), !block.isEmpty { try copy.write(contentsOf: block) }
            try copy.synchronize()
            try copy.close()
            try source.close()
        } catch let error as StorageError {
            throw error
        } catch {
            throw refusal("it can't be copied into \(folder.path): may it be read, and is there room?")
        }
    }

    private func examine() throws(StorageError) {
        let problems: [String]
        do {
            let queue = try DatabaseQueue(path: path(Self.incoming), configuration: SQLiteStore.configuration())
            problems = try queue.writeWithoutTransaction { database in
                let problems = try StoreExamination.problems(of: database)
                guard problems.isEmpty else { return problems }
                guard try !Migrations.migrator.appliedMigrations(database).isEmpty else {
                    throw refusal("it is no store of latchkey")
                }
                guard try !Migrations.migrator.hasBeenSuperseded(database) else {
                    throw refusal("it is of a newer latchkey: use that one")
                }
                try database.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
                return []
            }
            try queue.close()
        } catch let error as StorageError {
            throw error
        } catch {
            throw .opening(backup, error)
        }
        guard problems.isEmpty else { throw .damaged(path: backup, problems: problems) }
        for ending in Self.endings where !ending.isEmpty { unlink(path(Self.incoming + ending)) }
    }

    private func discard() {
        for ending in Self.endings { unlink(path(Self.incoming + ending)) }
    }

    /// A name under which nothing lies yet, unless this goes on with what was cut off.
    private func unusedName(_ date: String) -> String {
        let name = "\(SQLiteStore.fileName).before-\(date)"
        func isFree(_ name: String) -> Bool {
            Self.endings.allSatisfy { ending in
                !FileManager.default.fileExists(atPath: path(SQLiteStore.fileName + ending))
                    || !FileManager.default.fileExists(atPath: path(name + ending))
            }
        }
        var (candidate, number) = (name, 1)
        while !isFree(candidate) {
            number += 1
            candidate = "\(name)-\(number)"
        }
        return candidate
    }

    private func move(_ source: String, _ target: String) throws(StorageError) {
        guard rename(source, target) == 0 else {
            throw .folderNotWritable(path: folder.path, reason: Self.systemsWords)
        }
    }

    /// A name is durable once its folder is (fsync(2)).
    private func makeDurable(_ path: String) throws(StorageError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { if descriptor >= 0 { close(descriptor) } }
        guard descriptor >= 0, fsync(descriptor) == 0 else {
            throw .folderNotWritable(path: folder.path, reason: Self.systemsWords)
        }
    }

    private func path(_ name: String) -> String { folder.appending(path: name).path }

    private func refusal(_ reason: String) -> StorageError { .noBackup(path: backup, reason: reason) }

    private static var systemsWords: String { String(cString: strerror(errno)) }
}
