public import APIKeys
public import Credentials
public import Foundation
import GRDB
public import Logging
import Sessions
import Synchronization

/// The store of one node: an SQLite database in a folder, in WAL mode with `synchronous=FULL`.
///
/// The folder belongs to one process: a lock file keeps a second one out. GRDB runs each statement on queues of its
/// own, so that callers never block; how many may wait is bounded.
public final class SQLiteStore: APIKeyStore, OwnerStore {
    static let fileName = "latchkey.sqlite"
    private static let maximumWaiting = 1024

    let file: URL
    private let logger: Logger?
    private let database: DatabasePool
    private let lock: FolderLock?
    private let waiting = Atomic<Int>(0)
    private let changes: GroupCommit
    /// What SQLite has said of damage: it stays until somebody has mended it.
    private let damage = Locked<String?>(nil)
    /// What was done, and how long it took.
    public let metrics = StoreMetrics()
    /// Where keys are looked up. A task that runs here already does that without waking another thread.
    public var lookups: any TaskExecutor { lookUpThreads }
    private let lookUpThreads = BlockingExecutor(name: "store", threads: SQLiteStore.readers)
    /// How much its threads have to do.
    public var lanes: [LaneStatus] { [lookUpThreads.status, changes.status] }
    /// How many look-ups run at once.
    private static let readers = 2

    /// Opens the store, creating the folder and the tables that are missing. Blocks: call it while starting.
    /// - Parameters:
    ///   - folder: the data folder. It and its files are made readable by their owner alone.
    ///   - cache: how much of the file it keeps in memory at most, in bytes; the system keeps more of it.
    ///   - logger: where failures go, such as a disk that is full; nil for nowhere.
    /// - Throws: ``StorageError``.
    public init(folder: URL, cache: Int = 12 << 20, logger: Logger? = nil) throws(StorageError) {
        self.logger = logger
        let lock = try FolderLock(folder: folder)
        self.lock = lock
        file = folder.appending(path: Self.fileName)
        guard RestoredFile.cutOff(in: folder) == nil else {
            lock.release()
            throw .restoreCutOff(folder: folder.path)
        }
        do {
            database = try Self.open(file, in: folder, cache: cache)
            changes = GroupCommit(database)
            try Migrations.migrator.migrate(database)
        } catch {
            lock.release()
            throw .opening(file.path, error)
        }
    }

    /// Adds a key, and what is known of its owner, in one transaction; durable when it returns.
    public func insert(
        _ record: APIKeyRecord, digest: APIKeyDigest, owner: OwnerRecord?, limit: Int?
    ) async throws(SourceFailure) -> Bool {
        let row = APIKeyRow(record, digest: digest)
        let ownerRow = owner.map { OwnerRow($0) }
        return try await change { database in
            if let limit {
                guard
                    try APIKeyRow.working(of: record.owner, at: record.createdAt, database).fetchCount(database) < limit
                else {
                    return false
                }
            }
            try row.insert(database)
            try ownerRow?.save(database)
            return true
        }
    }

    /// Finds a key by one indexed look-up.
    public func record(of digest: APIKeyDigest) async throws(SourceFailure) -> APIKeyRecord? {
        // GRDB reads on the thread that asks: its own way from task to queue and back takes longer than the look-up.
        try await bounded(.lookUp) { database in
            try await withTaskExecutorPreference(lookUpThreads) {
                // One statement is its own transaction.
                try database.unsafeRead { try APIKeyLookup.find(digest, $0) }
            }
        }
    }

    /// Lists keys, oldest first.
    public func records(_ selection: KeySelection) async throws(SourceFailure) -> [APIKeyRecord] {
        try await bounded(.list) { database in
            try await database.read { database in
                let rows = try APIKeyRow.rows(selection, database).order(APIKeyRow.Columns.createdAt, Column.rowID)
                    .select(literal: SQL(sql: APIKeyLookup.columns))
                return try Row.fetchCursor(database, rows).map { try APIKeyLookup.record($0) }.reduce(into: []) {
                    $0.append($1)
                }
            }
        }
    }

    /// Revokes keys in one transaction; durable when it returns.
    public func revoke(
        _ selection: KeySelection, _ revocation: KeyRevocation
    ) async throws(SourceFailure) -> [APIKeyRecord] {
        try await change { database in
            let rows = try APIKeyRow.rows(selection, database)
            // That their owner had left may be taken back: what somebody ends stays so.
            let departure = KeyRevocation.Cause.departure
            let isOpen = APIKeyRow.Columns.revokedAt == nil
            let isEnded = revocation.cause != departure && APIKeyRow.Columns.revocationCause == departure.rawValue
            try rows.filter(isOpen || isEnded).updateAll(
                database, APIKeyRow.Columns.revokedAt.set(to: revocation.date.microseconds),
                APIKeyRow.Columns.revocationCause.set(to: revocation.cause.rawValue))
            return try rows.order(APIKeyRow.Columns.createdAt, Column.rowID).fetchAll(database)
        }.map(\.record)
    }

    /// Puts a successor into a key's place in one transaction; durable when it returns.
    public func rotate(
        _ id: UUID, _ rotation: KeyRotation, into successor: APIKeyRecord, digest: APIKeyDigest, limit: Int?
    ) async throws(SourceFailure) -> RotationOutcome {
        let row = APIKeyRow(successor, digest: digest)
        return try await change { database in
            // Without an overlap there are no more than before.
            if let limit, rotation.end > rotation.date {
                let working = try APIKeyRow.working(of: successor.owner, at: rotation.date, database)
                guard try working.fetchCount(database) < limit else { return .overLimit }
            }
            let changed = try APIKeyRow.filter(
                APIKeyRow.Columns.id == id.uuidString.lowercased() && APIKeyRow.Columns.rotatedAt == nil
                    && APIKeyRow.Columns.revokedAt == nil
            ).updateAll(
                database, APIKeyRow.Columns.rotatedAt.set(to: rotation.date.microseconds),
                APIKeyRow.Columns.successor.set(to: rotation.successor.uuidString.lowercased()),
                APIKeyRow.Columns.rotationEnd.set(to: rotation.end.microseconds))
            guard changed == 1 else { return .notCurrent }
            try row.insert(database)
            return .done
        }
    }

    /// Notes when and from where keys were last used, in one transaction.
    public func noteUses(_ uses: [UUID: KeyUse]) async throws(SourceFailure) {
        try await bounded(.uses) { database in
            try await database.write { database in
                // Where it came from is not known of each use: the last that is stays.
                let statement = try database.cachedStatement(
                    sql: """
                        UPDATE apiKey SET lastUsed = ?1,
                        lastClient = CASE WHEN ?2 THEN ?3 ELSE lastClient END,
                        lastUserAgent = CASE WHEN ?2 THEN ?4 ELSE lastUserAgent END
                        WHERE id = ?5 AND lastUsed < ?1
                        """)
                for (id, use) in uses {
                    try statement.execute(arguments: [
                        use.date.microseconds, use.client != nil || use.userAgent != nil, use.client, use.userAgent,
                        id.uuidString.lowercased(),
                    ])
                }
            }
        }
    }

    /// Deletes what is left of keys that ended long ago, a thousand at a time.
    public func purge(endedBefore date: Date) async throws(SourceFailure) -> Int {
        let end = date.microseconds
        var (count, last) = (0, Int64(0))
        while true {
            // Looking takes the time of a whole table, and holds up nobody who writes; deleting takes little.
            let start = last
            let found = try await bounded(.purge) { database in
                try await database.read { database in
                    try Int64.fetchAll(
                        database,
                        sql: """
                            SELECT rowid FROM apiKey WHERE rowid > ?2
                            AND (revokedAt < ?1 OR expirationDate < ?1 OR rotationEnd < ?1) ORDER BY rowid LIMIT 1000
                            """, arguments: [end, start])
                }
            }
            guard let newest = found.last else { return count }
            last = newest
            count += try await bounded(.purge) { database in
                try await database.write { try APIKeyRow.filter(found.contains(Column.rowID)).deleteAll($0) }
            }
        }
    }

    /// Finds what was last said of an owner by one indexed look-up.
    public func record(of owner: CredentialOwner) async throws(SourceFailure) -> OwnerRecord? {
        try await bounded(.owners) { database in
            try await database.read {
                try OwnerRow.filter(
                    OwnerRow.Columns.identity == owner.identity.text && OwnerRow.Columns.source == owner.source.rawValue
                ).fetchOne($0)
            }
        }?.record
    }

    /// Notes what was said of people who have keys, in one transaction.
    public func noteOwners(_ owners: [OwnerRecord]) async throws(SourceFailure) {
        try await bounded(.owners) { database in
            try await database.write { database in
                for owner in owners {
                    var row = OwnerRow(owner)
                    if owner.principal == nil,
                        let known = try OwnerRow.filter(
                            OwnerRow.Columns.identity == row.identity && OwnerRow.Columns.source == row.source
                        ).fetchOne(database)
                    {
                        // Who is gone is still known by the name that they had last.
                        row.userName = known.userName
                    }
                    if owner.principal != nil, row.identity != Identity(named: UserName(row.userName)).text {
                        try database.execute(
                            sql: "UPDATE apiKey SET ownerIdentity = ? WHERE ownerIdentity = ? AND ownerSource = ?",
                            arguments: [row.identity, Identity(named: UserName(row.userName)).text, row.source])
                    }
                    let keys = APIKeyRow.filter(
                        APIKeyRow.Columns.ownerIdentity == row.identity
                            && APIKeyRow.Columns.ownerSource == row.source && APIKeyRow.Columns.revokedAt == nil)
                    let sessions = SessionRow.filter(
                        SessionRow.Columns.ownerIdentity == row.identity
                            && SessionRow.Columns.ownerSource == row.source)
                    if try !keys.isEmpty(database) || !sessions.isEmpty(database) { try row.save(database) }
                }
            }
        }
    }

    /// Reads some keys and a session, as requests do.
    /// - Throws: `SourceFailure` if that fails, and ever after SQLite has found the file damaged: what can still be read says nothing of the rest.
    public func probe() async throws(SourceFailure) {
        if let words = damage.withLock({ $0 }) {
            throw SourceFailure(.internal, detail: "the key store \(file.path) is damaged: \(words)")
        }
        try await bounded(.probe) { database in try await database.read { try StoreSample.read($0) } }
    }

    /// Closes the database and gives the folder free. All of it is in its one file then. No call may follow.
    /// - Throws: `SourceFailure` if SQLite can't close it.
    public func close() throws(SourceFailure) {
        do {
            try database.close()
        } catch {
            throw SourceFailure(.internal, detail: "the key store can't be closed: \(StorageError.words(error))")
        }
        if lock != nil { settleJournal() }
        lock?.release()
    }

    /// GRDB closes last the connections that only read, which may not put the write-ahead log into the database: SQLite leaves it. It is no part of
    /// the file that people copy, and would be applied to a backup that is put in its place. So one more connection takes it in and removes it.
    private func settleJournal() {
        do {
            let last = try DatabaseQueue(path: file.path, configuration: Self.configuration())
            try last.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
            try last.close()
        } catch {
            // Nothing is lost: the next start takes it in.
            logger?.notice("the write-ahead log of \(file.path) stays where it is: \(StorageError.words(error))")
        }
    }

    /// Whether a folder has a store.
    /// - Parameter folder: the data folder.
    /// - Returns: false before the first server has made one there.
    public static func exists(in folder: URL) -> Bool {
        // One that a restore was cut off in has one too, though perhaps not in its place: whoever opens it is told.
        FileManager.default.fileExists(atPath: folder.appending(path: fileName).path)
            || RestoredFile.cutOff(in: folder) != nil
    }

    /// Opens the store beside the process that has it, to look at keys. Blocks.
    /// - Parameter folder: the data folder.
    /// - Throws: ``StorageError`` if there is no store, or it can't be read.
    public init(readingFrom folder: URL) throws(StorageError) {
        logger = nil
        lock = nil
        file = folder.appending(path: Self.fileName)
        // What lies there may be without its journal, so that keys which were revoked would be shown as good.
        guard RestoredFile.cutOff(in: folder) == nil else { throw .restoreCutOff(folder: folder.path) }
        var configuration = Self.configuration()
        configuration.readonly = true
        do {
            database = try DatabasePool(path: file.path, configuration: configuration)
            changes = GroupCommit(database)
        } catch {
            throw .opening(file.path, error)
        }
    }

    /// The value of `PRAGMA synchronous` where keys are written: 2 is FULL.
    func synchronousMode() throws -> Int? {
        try database.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA synchronous") }
    }

    /// Makes a change, together with others that wait; durable when it returns.
    func change<T: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> T
    ) async throws(SourceFailure) -> T {
        try await bounded(.change) { _ in try await changes.perform(body) }
    }

    /// Runs a statement unless too many wait already (rule 8).
    func bounded<T: Sendable>(
        _ operation: StoreMetrics.Operation, _ statement: @Sendable (DatabasePool) async throws -> T
    ) async throws(SourceFailure) -> T {
        defer { waiting.subtract(1, ordering: .relaxed) }
        guard waiting.add(1, ordering: .relaxed).newValue <= Self.maximumWaiting else {
            throw SourceFailure(.overloaded, detail: "too many requests wait for the key store")
        }
        let begun = ContinuousClock.now
        do {
            let result = try await statement(database)
            metrics.note(operation, .now - begun)
            return result
        } catch {
            metrics.noteFailure(operation)
            throw failure(error)
        }
    }

    private func failure(_ error: any Error) -> SourceFailure {
        let words = StorageError.words(error)
        let failure = SourceFailure(.internal, detail: "the key store \(file.path) failed: \(words)")
        // Who went away while the statement ran is no failure of the store.
        guard !(error is CancellationError) else { return failure }
        if StorageError.isDamage(error) {
            damage.withLock { $0 = words }
            logger?.error("\(failure); it is damaged: put a backup in its place (latchkey store restore)")
        } else {
            logger?.error("\(failure); is there room on its disk, and may it be written?")
        }
        return failure
    }

    static func configuration(cache: Int = 1 << 20) -> Configuration {
        var configuration = Configuration()
        configuration.maximumReaderCount = readers
        configuration.label = "latchkey-keys"
        // GRDB's own wants threads of a higher priority: who is not root may not have them, and libdispatch tells syslog each time.
        configuration.qos = .unspecified
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA busy_timeout = 2000")
            // In KiB, for each of the connections: those that look up, and the one that writes.
            try database.execute(sql: "PRAGMA cache_size = -\(max(256, cache / 1024 / (readers + 1)))")
        }
        return configuration
    }

    private static func open(_ file: URL, in folder: URL, cache: Int) throws -> DatabasePool {
        // The journals take the owner and the mode of the database file.
        if !FileManager.default.fileExists(atPath: file.path) { try OwnedFile.create(file.path, in: folder).close() }
        let database = try DatabasePool(path: file.path, configuration: configuration(cache: cache))
        // GRDB sets NORMAL when it turns to WAL, which may lose the last commits when the power goes.
        try database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        return database
    }
}
