import APIKeys
import Credentials
import Foundation
import GRDB
import TestSupport
import Testing

@testable import SQLiteStorage

@Suite("Backups that are put back")
struct RestoreTests {
    private let folder: TemporaryFolder
    private let data: URL
    private let backup: String
    private let date = Date(timeIntervalSince1970: 1_800_000_000)

    init() throws {
        folder = try TemporaryFolder()
        data = folder.url("data")
        backup = folder.path("backup.sqlite")
    }

    /// Makes keys.
    private func fill(_ store: SQLiteStore, _ count: Int) async throws {
        let owner = CredentialOwner(Principal(userName: "alice", source: .ldap))
        let keys = (0..<count).map { _ in
            (
                APIKeyRecord(
                    id: UUID(), owner: owner, label: "x", scopes: [], createdAt: date, expirationDate: nil,
                    creatorUserAgent: "x"), APIKey.random().digest
            )
        }
        _ = try await store.add(keys)
    }

    /// How many keys a folder has, as a server finds them.
    private func count() async throws -> Int {
        let store = try SQLiteStore(folder: data)
        let counts = try await store.counts(at: date)
        #expect(try await store.problems() == [])
        try store.close()
        return counts.values.reduce(0, +)
    }

    private var names: Set<String> {
        get throws { Set(try FileManager.default.contentsOfDirectory(atPath: data.path)) }
    }

    /// A folder with ten keys, a backup of it, and forty keys after that.
    private func prepare() async throws {
        let store = try SQLiteStore(folder: data)
        try await fill(store, 10)
        try await store.backUp(to: backup)
        try await fill(store, 40)
        try store.close()
    }

    @Test("A store that is closed is one file, whatever was written and whoever has read")
    func closed() async throws {
        for _ in 0..<3 {
            let store = try SQLiteStore(folder: data)
            try await fill(store, 300)
            _ = try await store.counts(at: date)
            try await store.probe()
            try store.close()
            #expect(try names == ["latchkey.sqlite", "latchkey.lock"])
        }
        // That file alone has everything.
        let copy = try TemporaryFolder()
        try FileManager.default.createDirectory(at: copy.url("data"), withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            at: data.appending(path: "latchkey.sqlite"), to: copy.url("data/latchkey.sqlite"))
        let store = try SQLiteStore(folder: copy.url("data"))
        #expect(try await store.counts(at: date)[.active] == 900)
    }

    @Test("The store is then as it was when the backup was made, and the files of before are there under a dated name")
    func restores() async throws {
        try await prepare()
        let aside = try SQLiteStore.restore(backup, into: data, at: date)
        let name = "latchkey.sqlite.before-20270115T080000Z"
        #expect(aside == [data.appending(path: name).path])
        #expect(try names == ["latchkey.sqlite", "latchkey.lock", name])
        let mode = try FileManager.default.attributesOfItem(atPath: data.path + "/latchkey.sqlite")[.posixPermissions]
        #expect(mode as? Int == 0o600)
        #expect(try await count() == 10)
        // Twice within one second: no file of before is lost.
        let again = try SQLiteStore.restore(backup, into: data, at: date)
        #expect(again == [data.appending(path: name + "-2").path])
        #expect(try await count() == 10)
        // What was moved aside is a store.
        let before = try DatabaseQueue(path: data.appending(path: name).path)
        #expect(try await before.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM apiKey") } == 50)
        // Where there is none yet, a folder is made.
        let elsewhere = folder.url("new/data")
        #expect(try SQLiteStore.restore(backup, into: elsewhere, at: date) == [])
        #expect(SQLiteStore.exists(in: elsewhere))
    }

    @Test("The write-ahead log of a store that nobody has closed is moved aside with it, and not applied to the backup")
    func journal() async throws {
        // As a crash leaves it: copied while it is open.
        let store = try SQLiteStore(folder: folder.url("running"))
        try await fill(store, 10)
        try await store.backUp(to: backup)
        try await fill(store, 400)
        try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path("running")) {
            try FileManager.default.copyItem(at: folder.url("running/\(name)"), to: data.appending(path: name))
        }
        try store.close()
        #expect(try names.contains("latchkey.sqlite-wal"))
        let aside = try SQLiteStore.restore(backup, into: data, at: date)
        #expect(aside.contains { $0.hasSuffix("Z-wal") } && aside.contains { $0.hasSuffix("Z") }, "\(aside)")
        #expect(try await count() == 10)
        // Together they are the store of before.
        let before = try DatabaseQueue(path: try #require(aside.first { $0.hasSuffix("Z") }))
        #expect(try await before.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM apiKey") } == 410)
    }

    @Test("What is no sound backup of a store is refused with its reason, and nothing is changed")
    func refused() async throws {
        try await prepare()
        let file = data.appending(path: "latchkey.sqlite")
        let before = try Data(contentsOf: file)
        var damaged = try [UInt8](Data(contentsOf: URL(filePath: backup)))
        for page in stride(from: 4096, to: damaged.count, by: 4096) {
            damaged.replaceSubrange(
                page..<min(page + 512, damaged.count), with: repeatElement(0xA5, count: min(512, damaged.count - page)))
        }
        try Data(damaged).write(to: folder.url("damaged"))
        try Data(damaged.prefix(damaged.count / 2)).write(to: folder.url("half"))
        try folder.write("text", "no database\n")
        try folder.write("empty", "")
        try Data(contentsOf: URL(filePath: backup)).write(to: folder.url("torn"))
        try folder.write("torn-wal", "x")
        let newer = try DatabaseQueue(path: folder.path("newer"))
        try await newer.write { database in
            try database.execute(
                sql: """
                    CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
                    INSERT INTO grdb_migrations VALUES ('1 API keys'), ('99 of tomorrow');
                    CREATE TABLE apiKey (digest BLOB);
                    """)
        }
        try newer.close()
        let other = try DatabaseQueue(path: folder.path("other"))
        try await other.write { try $0.execute(sql: "CREATE TABLE apiKey (digest BLOB)") }
        try other.close()
        for (name, reason) in [
            ("damaged", "is damaged"), ("half", "is damaged"), ("text", "is damaged"), ("empty", "is damaged"),
            ("torn", "torn-wal lies beside it"), ("newer", "newer latchkey"), ("other", "no store of latchkey"),
            ("nowhere", "No such file"), (".", "no plain file"), ("data/latchkey.sqlite", "the store itself"),
        ] {
            let error = #expect(throws: StorageError.self) {
                try SQLiteStore.restore(folder.path(name), into: data, at: date)
            }
            #expect(error?.description.contains(reason) == true, "\(name): \(error?.description ?? "")")
        }
        #expect(try names == ["latchkey.sqlite", "latchkey.lock"] && Data(contentsOf: file) == before)
        let running = try SQLiteStore(folder: data)
        #expect(throws: StorageError.inUse(path: data.path)) { try SQLiteStore.restore(backup, into: data, at: date) }
        try running.close()
        #expect(try await count() == 50)
    }

    @Test(
        "A restore that was cut off at any moment keeps servers out until it is done again, and no file of before is lost"
    )
    func cutOff() async throws {
        // The moments between the steps: each has the files that the step before has left.
        for moment in 0..<4 {
            try? FileManager.default.removeItem(at: data)
            try? FileManager.default.removeItem(atPath: backup)
            try await prepare()
            let name = { (text: String) in data.appending(path: text) }
            try Data("journal".utf8).write(to: name("latchkey.sqlite-wal"))
            try FileManager.default.copyItem(atPath: backup, toPath: name("latchkey.sqlite.incoming").path)
            let files = FileManager.default
            if moment > 0 {
                try files.moveItem(
                    at: name("latchkey.sqlite.incoming"), to: name("latchkey.sqlite.restoring-20260101T000000Z"))
            }
            if moment > 1 {
                try files.moveItem(
                    at: name("latchkey.sqlite-wal"), to: name("latchkey.sqlite.before-20260101T000000Z-wal"))
            }
            if moment > 2 {
                try files.moveItem(at: name("latchkey.sqlite"), to: name("latchkey.sqlite.before-20260101T000000Z"))
            }
            if moment > 0 {
                let before = try names
                #expect(throws: StorageError.restoreCutOff(folder: data.path)) { try SQLiteStore(folder: data) }
                #expect(SQLiteStore.exists(in: data), "\(moment)")
                #expect(throws: StorageError.restoreCutOff(folder: data.path)) { try SQLiteStore(readingFrom: data) }
                // Whoever is refused has made no file that would be taken for the store's.
                #expect(try names.subtracting(["latchkey.lock"]) == before.subtracting(["latchkey.lock"]))
            }
            let aside = try SQLiteStore.restore(backup, into: data, at: date)
            let stamp = moment > 0 ? "20260101T000000Z" : "20270115T080000Z"
            let base = name("latchkey.sqlite.before-\(stamp)").path
            #expect(aside == [base + "-wal", base], "\(moment)")
            #expect(try Data(contentsOf: URL(filePath: base + "-wal")) == Data("journal".utf8))
            #expect(try await count() == 10)
        }
    }

    @Test(
        "Files that another program has made since a restore was cut off do not part the store of before from its journal"
    )
    func laterFiles() async throws {
        try await prepare()
        let path = { (text: String) in data.appending(path: "latchkey.sqlite" + text) }
        try FileManager.default.copyItem(atPath: backup, toPath: path(".restoring-20260101T000000Z").path)
        try Data("journal".utf8).write(to: path(".before-20260101T000000Z-wal"))
        try Data("later".utf8).write(to: path("-wal"))
        _ = try SQLiteStore.restore(backup, into: data, at: date)
        #expect(try Data(contentsOf: path(".before-20260101T000000Z-wal")) == Data("journal".utf8))
        #expect(FileManager.default.fileExists(atPath: path(".before-20260101T000000Z").path))
        #expect(try Data(contentsOf: path(".before-20260101T000000Z-2-wal")) == Data("later".utf8))
        #expect(try await count() == 10)
        // A name is free for all of them together, or not at all.
        try Data("x".utf8).write(to: path(".before-20270115T080000Z-shm"))
        let aside = try SQLiteStore.restore(backup, into: data, at: date)
        #expect(aside == [path(".before-20270115T080000Z-2").path])
    }

    @Test("What a restore has left in the folder is not restored, and not deleted")
    func incoming() async throws {
        try await prepare()
        for ending in ["", "-wal"] {
            let file = data.appending(path: "latchkey.sqlite.incoming" + ending).path
            try FileManager.default.copyItem(atPath: backup, toPath: file)
            try FileManager.default.createSymbolicLink(atPath: folder.path("link" + ending), withDestinationPath: file)
            for given in [file, folder.path("link" + ending)] {
                let error = #expect(throws: StorageError.self) {
                    try SQLiteStore.restore(given, into: data, at: date)
                }
                #expect(error?.description.contains("cut off has left") == true, "\(error?.description ?? "")")
            }
            #expect(FileManager.default.contentsEqual(atPath: file, andPath: backup))
            try FileManager.default.removeItem(atPath: file)
        }
        #expect(try await count() == 50)
    }

    @Test("What is no store is not backed up, and no file is made of it")
    func noStore() async throws {
        try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
        try Data().write(to: data.appending(path: "latchkey.sqlite"))
        await #expect(throws: StorageError.self) { try await SQLiteStore(readingFrom: data).backUp(to: backup) }
        #expect(!FileManager.default.fileExists(atPath: backup))
    }

    @Test(
        "What root makes in a folder belongs to whom the folder belongs to, so that the service can go on",
        .enabled("only root may give files away") { geteuid() == 0 })
    func owners() async throws {
        try await prepare()
        try FileManager.default.removeItem(at: data)
        try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
        // bin and bin of Debian.
        try #require(chown(data.path, 2, 2) == 0)
        _ = try SQLiteStore.restore(backup, into: data, at: date)
        #expect(try await count() == 10)
        for name in try names {
            let attributes = try FileManager.default.attributesOfItem(atPath: data.appending(path: name).path)
            #expect(
                attributes[.ownerAccountID] as? Int == 2 && attributes[.groupOwnerAccountID] as? Int == 2, "\(name)")
            #expect((attributes[.posixPermissions] as? Int ?? 0o777) & 0o077 == 0, "\(name)")
        }
        let fresh = folder.url("fresh")
        try FileManager.default.createDirectory(at: fresh, withIntermediateDirectories: true)
        try #require(chown(fresh.path, 2, 2) == 0)
        let store = try SQLiteStore(folder: fresh)
        try await fill(store, 1)
        for name in try FileManager.default.contentsOfDirectory(atPath: fresh.path) {
            let owner = try FileManager.default.attributesOfItem(atPath: fresh.path + "/" + name)[.ownerAccountID]
            #expect(owner as? Int == 2, "\(name)")
        }
        try store.close()
    }

    @Test("A store whose pages are overwritten is not well, says so for good, and check names the damage")
    func damage() async throws {
        let store = try SQLiteStore(folder: data)
        try await store.probe()
        try await fill(store, 3000)
        try await store.probe()
        try store.close()
        let file = data.appending(path: "latchkey.sqlite")
        var bytes = try [UInt8](Data(contentsOf: file))
        // The first page says what is in it: a server starts.
        for page in stride(from: 4096 * 60, to: bytes.count, by: 4096) {
            bytes.replaceSubrange(page..<page + 4096, with: repeatElement(0xA5, count: 4096))
        }
        try Data(bytes).write(to: file)
        let again = try SQLiteStore(folder: data)
        await #expect(throws: SourceFailure.self) { try await again.probe() }
        let failure = await #expect(throws: SourceFailure.self) { try await again.probe() }
        #expect(failure?.detail.contains("is damaged") == true)
        #expect(try await !again.problems().isEmpty)
        try again.close()
        // A file that is none any more is damage too, and no failure to look.
        try Data(repeating: 0x20, count: 8192).write(to: file)
        #expect(throws: StorageError.self) { try SQLiteStore(readingFrom: data) }
    }
}
