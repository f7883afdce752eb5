public import Credentials

/// The users of one htpasswd file, as it was when it was read: a value that never changes.
///
/// A million users must not cost much more than their file: the file's bytes are kept as they are, beside an
/// open-addressing table of the offsets where lines begin (about 8 bytes a user).
public struct HtpasswdTable: Sendable {
    /// What one entry is worth.
    public enum Entry: Sendable {
        /// A hash that can be verified.
        case hash(PasswordHash)
        /// The line has a hash that can't be, or may not be, verified.
        case unusable
    }

    /// Limits on what a file may hold.
    public struct Limits: Sendable {
        /// How much verifying one hash may cost.
        public var hashes = HashLimits()
        /// Whether passwords may stand in the clear: `{PLAIN}` as nginx knows it, or as they are.
        public var allowPlainText = false
        /// How many odd lines are described; the rest is only counted.
        public var diagnostics = 10_000
        /// The limits that fit nearly everybody.
        public init() {}
    }

    /// How many users it holds.
    public let userCount: Int
    /// How many of them have a hash that can be verified.
    public let usableCount: Int
    /// The odd lines, in order, up to the limit.
    public let diagnostics: [HtpasswdDiagnostic]
    /// How many odd lines there are in all.
    public let diagnosticCount: Int
    /// A hash of the kind and cost that most users have: what an unknown user is measured against (rule 5).
    public let typicalHash: PasswordHash?

    private let bytes: [UInt8]
    /// The offset of a line's user name plus one; 0 is an empty place. The count is a power of two.
    private let slots: [UInt32]
    private let seed: UInt64
    private let limits: Limits

    /// Reads the content of a file. Never fails: what can't be read is a diagnostic.
    /// - Parameters:
    ///   - bytes: the content, less than 4 GiB. What lies beyond is not read.
    ///   - limits: limits on what it may hold.
    public init(bytes: [UInt8], limits: Limits = .init()) {
        var builder = HtpasswdTableBuilder(bytes: bytes, limits: limits)
        builder.readLines()
        self.bytes = bytes
        self.limits = limits
        self.slots = builder.slots
        self.seed = builder.seed
        self.userCount = builder.userCount
        self.usableCount = builder.usableCount
        self.diagnostics = builder.diagnostics
        self.diagnosticCount = builder.diagnosticCount
        self.typicalHash = builder.typicalHash
    }

    /// Finds a user's entry.
    /// - Parameter userName: the user's name; upper and lower case differ.
    /// - Returns: the entry, nil if there is no such user.
    public func entry(of userName: UserName) -> Entry? {
        guard let field = field(of: userName) else { return nil }
        guard let hash = try? PasswordHash(Array(field), allowPlainText: limits.allowPlainText),
            limits.hashes.excess(hash.format, hash.cost) == nil
        else { return .unusable }
        return .hash(hash)
    }

    /// One user of the file.
    public struct User: Sendable {
        /// The user's name.
        public let name: UserName
        /// Their hash; nil if it can't be, or may not be, verified.
        public let hash: PasswordHash?
    }

    /// All users, in the order of the file. Takes time and memory for each.
    public var users: [User] {
        slots.filter { $0 != 0 }.sorted().compactMap { slot in
            let name = bytes[(Int(slot) - 1)...].prefix { $0 != UInt8(ascii: ":") }
            let text = UserName(String(decoding: name, as: UTF8.self))
            guard let entry = entry(of: text) else { return nil }
            if case .hash(let hash) = entry { return User(name: text, hash: hash) }
            return User(name: text, hash: nil)
        }
    }

    /// Hands over each name, in no order.
    func forEachName(_ body: (UserName) -> Void) {
        for slot in slots where slot != 0 {
            body(
                UserName(String(decoding: bytes[(Int(slot) - 1)...].prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self)))
        }
    }

    /// The hash field of a user's line as it stands there, nil if there is no such user.
    func field(of userName: UserName) -> ArraySlice<UInt8>? {
        let name = Array(userName.utf8)
        guard let start = HtpasswdIndex.find(name[...], in: slots, of: bytes, seed: seed) else { return nil }
        return HtpasswdLine.hashField(in: bytes, nameAt: start)
    }
}
