public import Credentials
public import Foundation

/// What an organization allows of API keys. It holds for new keys, which are refused beyond it, and for those that there are, which are
/// blocked as long as it holds.
public struct APIKeyPolicy: Sendable, Hashable {
    /// Where a password is good.
    public enum Passwords: String, Sendable, Hashable, CaseIterable {
        /// Everywhere.
        case anywhere
        /// For making and ending keys, and for asking who one is; everything else takes a key.
        case keyManagementOnly
    }

    /// How long a key may live from its creation; nil for as long as one likes.
    public var maxLifetime: Duration?
    /// How long a key lives whose creator has not said; nil for ever.
    public var defaultLifetime: Duration?
    /// How many keys a person may have that work; nil for any number.
    public var maxPerUser: Int?
    /// Whether a key must have an end.
    public var requireExpiry = false
    /// Whether a key must have a label.
    public var requireLabel = false
    /// What the scopes of a key must lie within; empty for no limit. `*` allows keys without scopes.
    public var allowedScopes: [Scope] = []
    /// After how long without use a key is blocked; nil for never.
    public var unusedLifetime: Duration?
    /// Where a password is good.
    public var passwords = Passwords.anywhere

    /// No limits.
    public init() {}

    /// A rule of the policy, by its name in the configuration.
    public enum Rule: String, Sendable, Hashable {
        /// Keys live no longer than that.
        case maxLifetime
        /// People have no more keys than that.
        case maxPerUser
        /// Keys have an end.
        case requireExpiry
        /// Keys have a label.
        case requireLabel
        /// Keys are limited to that.
        case allowedScopes
        /// Keys are used now and then.
        case unusedLifetime
    }

    /// The end of a key whose creator has not said when.
    /// - Parameter date: when it is made.
    /// - Returns: nil for never.
    public func defaultExpirationDate(from date: Date) -> Date? {
        defaultLifetime.map { min(date.addingTimeInterval($0 / .seconds(1)), .lastWritable) }
    }

    /// The rule that a key breaks, if it is used at a moment. What takes longer to find out, whether its scopes are allowed, is asked elsewhere.
    /// - Parameters:
    ///   - record: the key.
    ///   - date: the moment.
    /// - Returns: nil if it breaks none. `maxPerUser` is about no single key.
    func rule(against record: APIKeyRecord, at date: Date) -> Rule? {
        if let unusedLifetime {
            let last = record.lastUse?.date ?? record.createdAt
            if date.timeIntervalSince(last) > unusedLifetime / .seconds(1) { return .unusedLifetime }
        }
        return lastingRule(against: record)
    }

    /// The rule that a key breaks whenever it is used, but for its scopes.
    func lastingRule(against record: APIKeyRecord) -> Rule? {
        if requireExpiry, record.expirationDate == nil { return .requireExpiry }
        if let maxLifetime {
            // A second for clocks that differ: of who reckons the end, and of ours.
            let longest = record.createdAt.addingTimeInterval(maxLifetime / .seconds(1) + 1)
            guard let end = record.expirationDate, end <= longest else { return .maxLifetime }
        }
        if requireLabel, record.label.allSatisfy(\.isWhitespace) { return .requireLabel }
        return nil
    }
}
