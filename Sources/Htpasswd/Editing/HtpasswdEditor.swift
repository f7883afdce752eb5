public import Credentials
import Foundation

/// Changes an htpasswd file: one writer at a time, all or nothing, each other byte as it was.
///
/// Writers take turns by a lock file beside the file; the new content goes to a temporary file that is made durable and
/// then renamed. Apache's `htpasswd` takes no lock: if the file has changed since it was read, the change is made again
/// on what is there now. Blocks: for a lane.
public struct HtpasswdEditor: Sendable {
    private let path: String

    /// Edits a file.
    /// - Parameter path: its path. A symbolic link is followed: what it names is replaced, not the link.
    public init(path: String) {
        self.path = URL(filePath: path).resolvingSymlinksInPath().path
    }

    /// Sets a user's hash: in the user's first line, or in a new one at the end. Makes the file (mode 0640) if need be.
    /// - Parameters:
    ///   - userName: the user's name.
    ///   - hash: the new hash.
    /// - Returns: whether the user was there before.
    /// - Throws: ``HtpasswdEditError``.
    @discardableResult
    public func set(_ userName: UserName, to hash: PasswordHash) throws(HtpasswdEditError) -> Bool {
        if let problem = Self.problem(of: userName) { throw .userName(problem) }
        return try change { HtpasswdText($0).setting(userName, to: hash.bytes) }
    }

    /// Replaces a user's hash if it still is the given one.
    /// - Parameters:
    ///   - userName: the user's name.
    ///   - old: the hash that must be there now.
    ///   - new: the new hash.
    /// - Returns: whether it was replaced.
    /// - Throws: ``HtpasswdEditError``.
    @discardableResult
    func replace(_ old: PasswordHash, of userName: UserName, by new: PasswordHash) throws(HtpasswdEditError) -> Bool {
        try change { bytes in
            let text = HtpasswdText(bytes)
            guard text.hash(of: userName) == old.bytes else { return (bytes, false) }
            return (text.setting(userName, to: new.bytes).bytes, true)
        }
    }

    /// Removes every line of a user.
    /// - Parameter userName: the user's name.
    /// - Returns: whether there was one.
    /// - Throws: ``HtpasswdEditError``.
    @discardableResult
    public func remove(_ userName: UserName) throws(HtpasswdEditError) -> Bool {
        guard FileManager.default.fileExists(atPath: path) else {
            throw .file(path: path, reason: "No such file or directory")
        }
        return try change { HtpasswdText($0).removing(userName) }
    }

    /// Why a name can't stand in such a file.
    /// - Parameter userName: the name.
    /// - Returns: the rest of a sentence about a user name; nil if it can.
    public static func problem(of userName: UserName) -> String? {
        if let problem = NameProblem(of: userName.text) { return "can't be used: \(problem)" }
        if userName.utf8.contains(UInt8(ascii: ":")) { return "must not have a colon" }
        return userName.utf8.first == UInt8(ascii: "#") ? "must not begin with '#': the line would be a comment" : nil
    }

    private func change(
        _ edit: ([UInt8]) -> (bytes: [UInt8], result: Bool)
    ) throws(HtpasswdEditError) -> Bool {
        let lock = try FileLock(path: "\(path).lock")
        defer { lock.release() }
        for _ in 0..<100 {
            let before = try? FileSnapshot(path: path)
            if before == nil, FileManager.default.fileExists(atPath: path) {
                throw .file(path: path, reason: "it can't be read")
            }
            let (bytes, result) = edit(before?.bytes ?? [])
            guard bytes != before?.bytes else { return result }
            let replacement = try FileReplacement(bytes, for: path)
            // A writer without our lock was here: what it wrote must not be lost.
            guard FileSignature(path: path) == before?.signature else {
                replacement.discard()
                continue
            }
            try replacement.commit()
            return result
        }
        throw .file(path: path, reason: "it is being changed by another program all the time")
    }
}

/// Why an htpasswd file was not changed.
public enum HtpasswdEditError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The name can't stand in such a file.
    case userName(String)
    /// The file, its lock or its replacement can't be read or written.
    case file(path: String, reason: String)

    /// What failed, and where.
    public var description: String {
        switch self {
        case .userName(let problem): "a user name \(problem)"
        case .file(let path, let reason): "the htpasswd file \(path) was not changed (\(reason))"
        }
    }
}
