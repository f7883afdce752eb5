public import Credentials
public import struct Foundation.UUID

/// What another node has done, and what this one must not remember any more.
public enum StoreChange: Sendable, Hashable {
    /// These keys were revoked or rotated.
    case keys(Set<UUID>)
    /// These sessions have ended.
    case sessions(Set<UUID>)
    /// These people are gone, or may not log in any more: what was remembered of them, by name, holds no longer.
    case owners(Set<UserName>)
    /// These failures were counted against users and networks.
    case failures([CountedFailure])
    /// Another node decides by rules of this version.
    case policy(String)
    /// More than there is room to tell, or nobody knows: the connection that listens was down.
    case everything

    /// The channel that tells of changes.
    static let channel = "latchkey"
    /// How many are told of by name: a payload has less than 8,000 bytes (PostgreSQL's documentation, NOTIFY).
    static let maximumNamed = 200
    /// How long a payload is at most, in bytes.
    static let maximumLength = 7000

    /// Reads what was told. What can't be read stands for everything: a newer version may tell of more.
    /// - Parameters:
    ///   - payload: what was told.
    ///   - node: this node's own name: it knows its own failures.
    /// - Returns: nil for what this node has told itself, and need not hear.
    init?(payload: String, node: String = "") {
        if payload.hasPrefix("f ") {
            let words = payload.split(separator: " ")
            guard words.count > 2, words[1] != node else { return nil }
            self = .failures(words.dropFirst(2).compactMap { FailureText.read($0) })
            return
        }
        if payload.hasPrefix("p ") {
            let words = payload.split(separator: " ")
            guard words.count == 3 else {
                self = .everything
                return
            }
            guard words[1] != node else { return nil }
            self = .policy(String(words[2]))
            return
        }
        if payload.hasPrefix("o ") {
            let names = payload.dropFirst(2).split(separator: " ").map { $0.removingPercentEncoding }
            self =
                names.contains(nil) || names.isEmpty
                ? .everything : .owners(Set(names.compactMap { $0.map { UserName($0) } }))
            return
        }
        let parts = payload.split(separator: " ", maxSplits: 1)
        let ids = parts.count == 2 ? parts[1].split(separator: ",").map { UUID(stored: String($0)) } : []
        let known = Set(ids.compactMap(\.self))
        guard !ids.isEmpty, ids.allSatisfy({ $0 != nil }) else {
            self = .everything
            return
        }
        switch parts[0] {
        case "k": self = .keys(known)
        case "s": self = .sessions(known)
        default: self = .everything
        }
    }

    /// What tells of people who are gone.
    static func payload(ofOwners names: [UserName]) -> String {
        let text = "o " + names.map { FormText.escaped($0.text) }.joined(separator: " ")
        return text.utf8.count > maximumLength ? "*" : text
    }

    /// A statement that makes a change and tells of it, in one transaction.
    /// - Parameters:
    ///   - change: the change in SQL, which returns the column `id` of what has changed.
    ///   - kind: what it is that has changed: `k` or `s`.
    static func telling(_ change: String, kind: String) -> String {
        """
        WITH gone AS (\(change)), told AS (SELECT pg_notify('\(channel)',
            CASE WHEN count(*) > \(maximumNamed) THEN '*' ELSE '\(kind) ' || string_agg(id, ',') END) FROM gone HAVING count(*) > 0)
        SELECT count(*) FROM told
        """
    }
}
