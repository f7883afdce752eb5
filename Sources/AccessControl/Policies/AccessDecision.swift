public import Credentials

/// What somebody's request comes to, with the reason.
public enum AccessDecision: Sendable, Hashable, CustomStringConvertible {
    /// A rule grants it, and the key's scopes leave it.
    case allowed(AccessRule)
    /// Nothing grants it, or the key's scopes take it away.
    case denied(AccessDenial)

    /// Whether it is allowed.
    public var isAllowed: Bool {
        switch self {
        case .allowed: true
        case .denied: false
        }
    }

    /// Such as `denied: no policy of 'team' grants 'create' to alice`, with the names in backquotes.
    public var description: String {
        switch self {
        case .allowed(let rule): "allowed: \(rule)"
        case .denied(let denial): "denied: \(denial)"
        }
    }
}

/// What grants a right.
public enum AccessRule: Sendable, Hashable, CustomStringConvertible {
    /// There is no access control: whoever has shown who they are may everything.
    case noAccessControl
    /// The request names no resource.
    case noResource
    /// A policy of a pattern names the user.
    case user(UserName, pattern: String)
    /// A policy of a pattern names a group of the user's, as the policy writes it.
    case group(GroupName, pattern: String)
    /// The `defaultPolicy` of a pattern.
    case defaultPolicy(pattern: String)
    /// The `anonymousPolicy` of a pattern.
    case anonymousPolicy(pattern: String)
    /// The `adminPolicy`.
    case adminPolicy
    /// Each pattern grants the user `read`, and one of them takes every name: the catalog shows nothing that is hidden.
    case everyRepository

    /// What grants it, in words.
    public var description: String {
        switch self {
        case .noAccessControl: "there is no access control"
        case .noResource: "the request names no resource"
        case .user(let name, let pattern): "a policy of `\(pattern)` names \(name)"
        case .group(let name, let pattern): "a policy of `\(pattern)` names the group \(name)"
        case .defaultPolicy(let pattern): "the defaultPolicy of `\(pattern)`"
        case .anonymousPolicy(let pattern): "the anonymousPolicy of `\(pattern)`"
        case .adminPolicy: "the adminPolicy"
        case .everyRepository: "every repository may be read"
        }
    }
}

/// Why a right is not granted.
public struct AccessDenial: Sendable, Hashable, CustomStringConvertible {
    /// Which rule failed.
    public enum Cause: Sendable, Hashable {
        /// No scope of the key leaves it.
        case scopes([String])
        /// The key's scopes were not compared with it: what was asked for before it in the same request has taken all the time that there is.
        case effort
        /// The key has scopes, and the request does not say what it is about.
        case unknownResource
        /// No pattern takes the repository.
        case noPattern
        /// Nothing of the pattern that counts grants it.
        case noGrant(pattern: String)
        /// The catalog would show what the user may not read.
        case catalog
        /// Nobody who has not shown who they are is let in.
        case anonymous
    }

    /// What was asked for; nil for a request that names no repository.
    public let right: RepositoryRight?
    /// Which rule failed.
    public let cause: Cause
    /// Who asked: the canonical user name; nil for somebody who has not shown who they are.
    public let userName: UserName?

    /// Some scopes for a line of the log, in which not all have room: a key may have many long ones.
    private static func shown(_ scopes: [String]) -> String {
        let text = scopes.joined(separator: " ")
        guard text.utf8.count > maximumShown else { return text }
        return "\(scopes.count) of them"
    }

    private static let maximumShown = 512

    /// What failed, in words.
    public var description: String {
        let who = userName?.text ?? "nobody in particular"
        let action = right.map { "`\($0.action.rawValue)`" } ?? "it"
        let repository = right.map { "`\($0.repository)`" } ?? "it"
        return switch cause {
        case .scopes(let scopes):
            "no scope of the key (\(Self.shown(scopes))) leaves \(action) on \(repository) to it"
        case .effort:
            "the scopes of the key take too long to compare with all that the request names: ask for fewer repositories at a time"
        case .unknownResource:
            "the key is limited by scopes, and the request does not say which repository it is about"
        case .noPattern: "no pattern of the access control takes \(repository), and only an administrator may \(action)"
        case .noGrant(let pattern): "no policy of `\(pattern)` grants \(action) to \(who)"
        case .catalog: "the catalog shows every repository, and \(who) may not read each of them"
        case .anonymous: "nobody is let in without a credential"
        }
    }
}
