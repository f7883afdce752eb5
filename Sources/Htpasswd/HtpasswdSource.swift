public import Credentials
public import Logging
import Synchronization

/// The source that judges passwords by an htpasswd file.
///
/// The file is read again within a second of a change, by ``watch()``. A new file that can't be used leaves the old
/// users in force. Safe to share: requests read the users of one moment, and never wait for a reload.
public final class HtpasswdSource: CredentialSource, UserDirectory {
    /// How the source behaves.
    public struct Options: Sendable {
        /// Its name.
        public var name = SourceName.htpasswd
        /// Take the first 72 bytes of a secret that is too long for bcrypt, as Apache does, instead of refusing it.
        public var allowTruncation = false
        /// How long a request waits for its hash, queue included.
        public var deadline = Duration.seconds(10)
        /// How often the file is looked at.
        public var pollInterval = Duration.milliseconds(200)
        /// Limits on what the file may hold.
        public var limits = HtpasswdTable.Limits()
        /// The options that fit nearly everybody.
        public init() {}
    }

    private struct State {
        var table: HtpasswdTable
        var signature: FileSnapshot.Signature
        /// What is wrong with the file on disk, if it is not the one in force.
        var problem: String?
    }

    /// The path of the file.
    public let path: String
    private let options: Options
    private let hashing: WorkLane
    private let loading = WorkLane(name: "htpasswd-load", threads: 1, maximumQueued: 4)
    private let logger: Logger
    private let state: Mutex<State>

    /// Reads the file.
    /// - Parameters:
    ///   - path: its path; symbolic links are followed each time it is read.
    ///   - hashing: the lane that hashes; sources may share one.
    ///   - options: how the source behaves.
    ///   - logger: where odd lines and reloads go.
    /// - Throws: ``HtpasswdFileError`` if the file can't be used.
    public init(
        path: String, hashing: WorkLane, options: Options = .init(), logger: Logger
    ) async throws(HtpasswdFileError) {
        self.path = path
        self.options = options
        self.hashing = hashing
        self.logger = logger
        let (table, signature) = try await Self.load(path, limits: options.limits, on: loading)
        self.state = Mutex(State(table: table, signature: signature))
        report(table)
    }

    /// Its name in logs and in the records of API keys.
    public var name: SourceName { options.name }
    /// A key-shaped secret may be somebody's password.
    public var keyShapedSecrets: KeyShapedSecretPolicy { .asPassword }
    /// The users in force.
    public var table: HtpasswdTable { state.withLock { $0.table } }

    /// Judges a password; the hash is computed on the hashing lane.
    /// - Parameter credential: the credential.
    /// - Returns: the verdict; ``Verdict/unavailable(_:)`` if the lane is full or too slow.
    public func judge(_ credential: BasicCredential) async -> Verdict {
        switch table.entry(of: credential.userName) {
        case nil: return .unknownUser
        case .unusable:
            // There is nothing to compare with, and its time must not say so.
            await spendCostOfRefusal(credential)
            return .rejected(.unusableEntry)
        case .hash(let hash):
            do {
                return verdict(try await check(credential, hash), credential)
            } catch {
                return .unavailable(error)
            }
        }
    }

    /// The user's hash: a changed line, or one that is gone, voids what is remembered of it.
    /// - Parameter userName: the user's name.
    /// - Returns: nil if there is no such user.
    public func binding(of userName: String) -> [UInt8]? {
        table.field(of: userName).map { Array($0) }
    }

    /// Hashes the secret against a hash of the kind that most users of the file have. The result is dropped.
    /// - Parameter credential: the credential that was refused.
    public func spendCostOfRefusal(_ credential: BasicCredential) async {
        guard let hash = table.typicalHash else { return }
        _ = try? await check(credential, hash)
    }

    /// Looks a user up, as the owner of an API key.
    /// - Parameter userName: the user's name.
    /// - Returns: found, absent, or disabled if the entry has an unusable hash (`user:!` is how operators lock one).
    public func lookUp(userName: String) async -> UserLookup {
        switch table.entry(of: userName) {
        case nil: .absent
        case .unusable: .disabled
        case .hash: .found(Principal(userName: userName, source: name))
        }
    }

    /// Whether the file on disk is the one in force.
    /// - Returns: ``SourceState/degraded(_:)`` with the reason if it is not.
    public func state() async -> SourceState {
        state.withLock { $0.problem }.map { .degraded($0) } ?? .ready
    }

    /// Reads the file again whenever it changes. Returns when its task is cancelled.
    public func watch() async {
        var seen = state.withLock { Optional($0.signature) }
        var settled = seen
        while !Task.isCancelled {
            try? await Task.sleep(for: options.pollInterval)
            let path = path
            // Nil is a file that is gone: that is a change too.
            let now = (try? await loading.run { FileSnapshot.Signature(path: path) }) ?? nil
            defer { seen = now }
            // Apache's htpasswd rewrites a file in place: wait for two looks that agree, or half of it is read.
            guard now == seen, now != settled else { continue }
            settled = now
            await reload()
        }
    }

    private func reload() async {
        do {
            let (table, signature) = try await Self.load(path, limits: options.limits, on: loading)
            state.withLock { $0 = State(table: table, signature: signature) }
            logger.info("htpasswd file read again", metadata: ["path": "\(path)", "users": "\(table.userCount)"])
            report(table)
        } catch {
            state.withLock { $0.problem = "\(error)" }
            logger.error("\(error); the users of before stay in force", metadata: ["path": "\(path)"])
        }
    }

    private func report(_ table: HtpasswdTable) {
        for diagnostic in table.diagnostics {
            logger.warning("htpasswd: \(diagnostic)", metadata: ["path": "\(path)"])
        }
        let untold = table.diagnosticCount - table.diagnostics.count
        if untold > 0 {
            logger.warning("htpasswd: \(untold) further odd lines", metadata: ["path": "\(path)"])
        }
        if table.userCount == 0 { logger.warning("htpasswd: the file has no users", metadata: ["path": "\(path)"]) }
    }

    private func check(
        _ credential: BasicCredential, _ hash: PasswordHash
    ) async throws(SourceFailure) -> PasswordHash.Check {
        let allowTruncation = options.allowTruncation
        return try await hashing.run(deadline: options.deadline) {
            hash.verify(credential.secret, allowTruncation: allowTruncation)
        }
    }

    private func verdict(_ check: PasswordHash.Check, _ credential: BasicCredential) -> Verdict {
        switch check {
        case .match: return .authenticated(Principal(userName: credential.userName, source: name))
        case .mismatch: return .rejected(.wrongPassword)
        case .unusable: return .rejected(.unusableEntry)
        case .tooLong:
            logger.notice(
                """
                a secret of over 72 bytes was refused for a bcrypt entry, which can't hold it: use a shorter password \
                or another format (allowTruncation takes the first 72 bytes, as Apache does)
                """, metadata: ["user": "\(credential.userName)"])
            return .rejected(.secretTooLongForHash)
        }
    }

    private static func load(
        _ path: String, limits: HtpasswdTable.Limits, on lane: WorkLane
    ) async throws(HtpasswdFileError) -> (HtpasswdTable, FileSnapshot.Signature) {
        let loaded: Result<(HtpasswdTable, FileSnapshot.Signature), HtpasswdFileError>
        do {
            loaded = try await lane.run {
                Result { () throws(HtpasswdFileError) in
                    let snapshot = try FileSnapshot(path: path)
                    let table = HtpasswdTable(bytes: snapshot.bytes, limits: limits)
                    if table.userCount == 0, let problem = table.diagnostics.first {
                        throw .noUsers(path: path, firstProblem: problem.description)
                    }
                    return (table, snapshot.signature)
                }
            }
        } catch {
            throw .unreadable(path: path, reason: error.detail)
        }
        return try loaded.get()
    }
}
