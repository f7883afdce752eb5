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
        let begun = Self.cutOff(in: folder)
        let date = begun ?? date
        let marked = path(Self.marker + date)
        try move(path(Self.incoming), marked)
        try makeDurable(folder.path)
        let name = begun == nil ? unusedName(date) : begunName(date)
        // What another program has made since the restore was cut off is no part of the store of before.
        let later = unusedName(date, besides: name)
        for ending in Self.endings where exists(SQLiteStore.fileName + ending) {
            try move(
                path(SQLiteStore.fileName + ending), path((exists(name + ending) ? later : name) + ending))
        }
        try move(marked, path(SQLiteStore.fileName))
        try makeDurable(folder.path)
        return [name, later].flatMap { name in Self.endings.map { name + $0 } }.filter { exists($0) }.map { path($0) }
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
        for ending in Self.endings
        where stat(path(Self.incoming + ending), &present) == 0 && given.st_dev == present.st_dev
            && given.st_ino == present.st_ino
        {
            throw refusal(
                "it is what a restore that was cut off has left, perhaps not whole, and the next one deletes it: name the backup itself, or give this file another name first"
            )
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

    /// The names for the files of before, in their order: the dated one, and that with a number where a restore was done within the same second.
    private func names(_ date: String) -> some Sequence<String> {
        sequence(first: 1) { $0 + 1 }.lazy.map { number in
            "\(SQLiteStore.fileName).before-\(date)" + (number == 1 ? "" : "-\(number)")
        }
    }

    /// A name that is free for the database and for its journals together.
    private func unusedName(_ date: String, besides taken: String? = nil) -> String {
        names(date).first { name in name != taken && Self.endings.allSatisfy { !exists(name + $0) } } ?? date
    }

    /// The name under which a restore that was cut off has begun to move the files of before. The database comes last: where there is none under a
    /// name, its journal may be there already.
    private func begunName(_ date: String) -> String {
        let databases = Array(names(date).prefix { exists($0) })
        // The database is still in its place, or there was none.
        if exists(SQLiteStore.fileName) || databases.isEmpty { return names(date).first { !exists($0) } ?? date }
        return databases.last ?? date
    }

    private func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

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
