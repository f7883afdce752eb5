public import Credentials

/// A line of an htpasswd file that is not what it should be, or a user who is in it twice.
public struct HtpasswdDiagnostic: Sendable, Hashable, CustomStringConvertible {
    /// What is odd about the line.
    public enum Kind: Sendable, Hashable {
        /// No colon: neither user nor hash can be told. The line is skipped.
        case missingColon
        /// Nothing before the colon. The line is skipped.
        case emptyUserName
        /// The user's hash can't be verified: the user is refused.
        case unusableHash(PasswordHash.Defect)
        /// Verifying the hash would cost more than it may: the user is refused, or one request would hold a CPU for as long
        /// as the file says.
        case tooCostly(HashLimits.Excess)
        /// The user stands on an earlier line already, and the first entry wins (as in Apache).
        case duplicateUser(firstLine: Int)
    }

    /// The line's number, from 1.
    public let line: Int
    /// The user's name, where it could be told.
    public let userName: UserName?
    /// What is odd.
    public let kind: Kind

    /// One line for the log, without the hash.
    public var description: String {
        let user = userName.map { " of user '\($0)'" } ?? ""
        return switch kind {
        case .missingColon: "line \(line): no colon; the line is skipped"
        case .emptyUserName: "line \(line): no user name before the colon; the line is skipped"
        case .unusableHash(.unknownFormat):
            "line \(line): the hash\(user) is of no known format; the user can't log in"
        case .unusableHash(.malformed(let why)):
            "line \(line): the hash\(user) is malformed (\(why)); the user can't log in"
        case .tooCostly(let excess):
            "line \(line): the hash\(user) costs too much: \(excess); the user can't log in"
        case .duplicateUser(let first):
            "line \(line): a second entry\(user), skipped; the first one, on line \(first), wins"
        }
    }
}
