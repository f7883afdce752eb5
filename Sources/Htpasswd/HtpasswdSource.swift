import Crypto
import Synchronization
public import Credentials
public import Logging

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
        /// The path of a group file (Apache's AuthGroupFile) that says which groups the users are in; nil for none.
        public var groupFile: String?
        /// Whether a weak hash is replaced, in the file, when its user logs in.
        public var rehash = false
        /// How such a hash is made.
        public var rehashMethod = HashMethod.standard
        /// Limits on what the file may hold.
        public var limits = HtpasswdTable.Limits()
        /// The options that fit nearly everybody.
        public init() {}
    }

    /// What the files were when they were read: an object, so that looking at it copies nothing.
    private final class Content: Sendable {
        let table: HtpasswdTable
        let groups: HtpasswdGroups?
        let spellings = HtpasswdSpellings()

        init(table: HtpasswdTable, groups: HtpasswdGroups? = nil) {
            self.table = table
            self.groups = groups
        }
    }

    /// The files on disk, as far as a look can tell.
    private struct Signatures: Sendable, Equatable {
        var users: FileSignature?
        var groups: FileSignature?
    }

    private struct State {
        var content: Content
        var signatures: Signatures
        /// What is wrong with the file on disk, if it is not the one in force.
        var problem: String?
    }

    /// The path of the file.
    public let path: String
    private let options: Options
    private let hashing: WorkLane
    private let loading = WorkLane(name: "htpasswd-load", threads: 1, maximumQueued: 4, priority: .low)
    private let naming = WorkLane(name: "htpasswd-names", threads: 1, maximumQueued: 4096, priority: .low)
    /// What passwords had for a state before they got a stronger hash, and after it: one entry for each weak hash of the file at most.
    private let strengthened = Locked<[String: String]>([:])
    /// Work of the hashing lane may be done twice: writing a file must not.
    private let rehashing = WorkLane(name: "htpasswd-rehash", threads: 1, maximumQueued: 64, priority: .low)
    private let logger: Logger
    private let state: Locked<State>
    private let reloads = Atomic<UInt64>(0)
    private let follower = HtpasswdFollower()

    /// How much the threads have to do that hash.
    public var laneStatus: LaneStatus { hashing.status }

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
        let (content, signatures) = try await Self.load(path, options, on: loading)
        self.state = Locked(State(content: content, signatures: signatures))
        report(content.table)
    }

    /// Its name in logs and in the records of API keys.
    public var name: SourceName { options.name }
    /// A key-shaped secret may be somebody's password.
    public var keyShapedSecrets: KeyShapedSecretPolicy { .asPassword }
    /// The users in force.
    public var table: HtpasswdTable { content.table }
    private var content: Content { state.withLock { $0.content } }

    /// Judges a password; the hash is computed on the hashing lane.
    /// - Parameter credential: the credential.
    /// - Returns: the verdict; `unavailable(_:)` if the lane is full or too slow.
    public func judge(_ credential: BasicCredential) async -> Verdict {
        await judge(credential, again: 3)
    }

    /// - Parameter again: how often the line may change while its hash is computed.
    private func judge(_ credential: BasicCredential, again: Int) async -> Verdict {
        switch table.entry(of: credential.userName) {
        case nil: return .unknownUser
        case .unusable:
            // There is nothing to compare with, and its time must not say so.
            await spendCostOfRefusal(credential)
            return .rejected(.unusableEntry)
        case .hash(let hash):
            do {
                let check = try await check(credential, hash)
                // What begins by a password lives as long as the password: the one that is in force now must be it.
                if check == .match, again > 0,
                    !(table.field(of: credential.userName)?.elementsEqual(hash.bytes) ?? false)
                {
                    return await judge(credential, again: again - 1)
                }
                if check == .match { strengthen(hash, credential) }
                return verdict(check, credential)
            } catch {
                return .unavailable(error)
            }
        }
    }

    /// The user's hash: a changed line, or one that is gone, voids what is remembered of it. Before it the number of the
    /// reload that it was seen in: as long as that is the same, nobody need look at the line.
    /// - Parameter userName: the user's name.
    /// - Returns: nil if there is no such user.
    public func binding(of userName: UserName) -> [UInt8]? {
        let reload = Self.bytes(of: reloads.load(ordering: .acquiring))
        return table.field(of: userName).map { reload + $0 }
    }

    /// Whether the user's line still has the hash that it had.
    /// - Parameters:
    ///   - binding: what ``binding(of:)`` said.
    ///   - userName: the user's name.
    /// - Returns: false if it has another one, or there is no such line.
    public func isBinding(_ binding: [UInt8], of userName: UserName) -> Bool {
        if Self.begins(binding, with: reloads.load(ordering: .acquiring)) { return true }
        return content.table.field(of: userName)?.elementsEqual(binding.dropFirst(8)) ?? false
    }

    /// A digest of the user's name and hash.
    public func passwordState(of userName: UserName) -> [UInt8]? {
        content.table.field(of: userName).map { Self.passwordState(userName, $0) }
    }

    /// Also a state of before this process has given the same password a stronger hash.
    public func isPasswordState(_ state: String, of userName: UserName) -> Bool {
        guard let now = passwordState(of: userName)?.hexadecimal else { return false }
        return state == now || strengthened.withLock { $0[state] } == now
    }

    private static func passwordState(_ userName: UserName, _ field: some Sequence<UInt8>) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: Array(userName.utf8) + [0])
        hash.update(data: Array(field))
        return Array(hash.finalize())
    }

    private static func bytes(of number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) }
    }

    private static func begins(_ binding: [UInt8], with number: UInt64) -> Bool {
        binding.count >= 8
            && (0..<8).allSatisfy { binding[$0] == UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) }
    }

    /// Hashes the secret against a hash of the kind that most users of the file have. The result is dropped.
    /// - Parameter credential: the credential that was refused.
    public func spendCostOfRefusal(_ credential: BasicCredential) async {
        guard let hash = table.typicalHash else { return }
        _ = try? await check(credential, hash)
    }

    /// Counts the times that the files were read again.
    public var generation: UInt64? { reloads.load(ordering: .acquiring) }

    /// Looks a user up, as the owner of an API key.
    /// - Parameter userName: the user's name.
    /// - Returns: found, absent, or disabled if the entry has an unusable hash (`user:!` is how operators lock one).
    public func lookUp(userName: UserName) async -> UserLookup {
        switch table.entry(of: userName) {
        case nil: .absent
        case .unusable: .disabled(principal(userName))
        case .hash: .found(principal(userName))
        }
    }

    /// Whether the file has a name, or one that differs from it in case alone, or in what nobody sees: to Apache that is another user, and to many
    /// an application the same.
    public func isTaken(_ userName: UserName) async -> Bool? {
        let content = content
        if content.table.field(of: userName) != nil { return true }
        if let isThere = content.spellings.hasIfKnown(userName) { return isThere }
        // All names are read for the first such question after a change of the file; whoever comes meanwhile waits for that.
        do {
            return try await naming.run { content.spellings.has(userName, in: content.table) }
        } catch {
            return nil
        }
    }

    /// Whether the file on disk is the one in force.
    /// - Returns: `degraded(_:)` with the reason if it is not.
    public func state() async -> SourceState {
        state.withLock { $0.problem }.map { .degraded($0) } ?? .ready
    }

    /// Reads the file again whenever it changes. Returns when its task is cancelled.
    public func watch() async {
        var seen = state.withLock { $0.signatures }
        var settled = seen
        while !Task.isCancelled {
            try? await Task.sleep(for: options.pollInterval)
            await follower.tell()
            // Nil is a file that is gone: that is a change too.
            let now = (try? await loading.run { [path, options] in Self.signatures(path, options) }) ?? Signatures()
            defer { seen = now }
            // Apache's htpasswd rewrites a file in place: wait for two looks that agree, or half of it is read.
            guard now == seen, now != settled else { continue }
            settled = now
            await reload()
        }
    }

    /// Says who wants to know who has left the file. A name that it gives to somebody else later is told as having left in between, as long as a reload
    /// has seen that.
    /// - Parameters:
    ///   - isFirst: whether that is wanted of the file as it is now, too: of everybody who is not in it.
    ///   - body: is told of each reload, in order and one after the other, once it is in force. It returns false to be told again.
    public func follow(isFirst: Bool, _ body: @escaping @Sendable (HtpasswdReload) async -> Bool) async {
        follower.follow(body)
        guard isFirst else { return }
        _ = follower.note(HtpasswdReload(old: nil, new: table))
        await follower.tell()
    }

    private func reload() async {
        do {
            let (content, signatures) = try await Self.load(path, options, on: loading)
            let old = state.withLock { state in
                defer { state = State(content: content, signatures: signatures) }
                return state.content.table
            }
            if !follower.note(HtpasswdReload(old: old, new: content.table)) {
                logger.error(
                    "too many changes of the htpasswd file could not be told to the store: keys of those who left with this one live on"
                )
            }
            reloads.add(1, ordering: .releasing)
            Invalidation.note()
            logger.info(
                "htpasswd file read again", metadata: ["path": "\(path)", "users": "\(content.table.userCount)"])
            report(content.table)
            await follower.tell()
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
        let (allowTruncation, limits) = (options.allowTruncation, options.limits.hashes)
        return try await hashing.run(deadline: options.deadline) {
            hash.verify(credential.secret, allowTruncation: allowTruncation, limits: limits)
        }
    }

    private func verdict(_ check: PasswordHash.Check, _ credential: BasicCredential) -> Verdict {
        switch check {
        case .match: return .authenticated(principal(credential.userName))
        case .mismatch: return .rejected(.wrongPassword)
        case .unusable: return .rejected(.unusableEntry)
        case .tooLong:
            logger.notice(
                """
                a secret was refused that is longer than its entry's format can hold (bcrypt: 72 bytes), or than would be \
                hashed in maximumHashTime: use a shorter password or another format (allowTruncation takes bcrypt's \
                first 72 bytes, as Apache does)
                """, metadata: ["user": "\(credential.userName)"])
            return .rejected(.secretTooLongForHash)
        }
    }

    private func principal(_ userName: UserName) -> Principal {
        let groups = content.groups?.groups(of: userName) ?? []
        return Principal(userName: userName, groups: groups.map { Group(name: $0) }, source: name)
    }

    /// Replaces a weak hash by a strong one, behind the answer. If it can't be done the old one goes on working.
    private func strengthen(_ hash: PasswordHash, _ credential: BasicCredential) {
        guard options.rehash, hash.weakness != nil, credential.secret.bytes.count <= PasswordHash.bcryptLimit else {
            return
        }
        let (path, method, rehashing, logger) = (path, options.rehashMethod, rehashing, logger)
        Task { [strengthened] in
            let user = credential.userName
            do {
                let result = try await rehashing.run {
                    Result {
                        let new = try PasswordHash(of: credential.secret, method: method)
                        // Before the file has it: whoever looks meanwhile must not take it for another password.
                        let (before, after) = (
                            Self.passwordState(user, hash.bytes), Self.passwordState(user, new.bytes)
                        )
                        strengthened.withLock { $0[before.hexadecimal] = after.hexadecimal }
                        return try HtpasswdEditor(path: path).replace(hash, of: user, by: new)
                    }
                }
                if try result.get() { logger.notice("a weak hash was replaced", metadata: ["user": "\(user)"]) }
            } catch {
                logger.warning("a weak hash was not replaced: \(error)", metadata: ["user": "\(user)"])
            }
        }
    }

    private static func signatures(_ path: String, _ options: Options) -> Signatures {
        Signatures(
            users: FileSignature(path: path),
            groups: options.groupFile.flatMap { FileSignature(path: $0) })
    }

    private static func load(
        _ path: String, _ options: Options, on lane: WorkLane
    ) async throws(HtpasswdFileError) -> (Content, Signatures) {
        let loaded: Result<(Content, Signatures), HtpasswdFileError>
        do {
            loaded = try await lane.run {
                Result { () throws(HtpasswdFileError) in
                    let snapshot = try FileSnapshot(path: path)
                    let table = HtpasswdTable(bytes: snapshot.bytes, limits: options.limits)
                    if table.userCount == 0, let problem = table.diagnostics.first {
                        throw .noUsers(path: path, firstProblem: problem.description)
                    }
                    guard let groupFile = options.groupFile else {
                        return (Content(table: table), Signatures(users: snapshot.signature))
                    }
                    let groups = try FileSnapshot(path: groupFile)
                    return (
                        Content(table: table, groups: HtpasswdGroups(bytes: groups.bytes)),
                        Signatures(users: snapshot.signature, groups: groups.signature)
                    )
                }
            }
        } catch {
            throw .unreadable(path: path, reason: error.detail)
        }
        return try loaded.get()
    }
}
