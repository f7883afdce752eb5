public import Credentials
public import Foundation

/// Who has which user name, of those whose names no file and no directory gives: people of providers, certificates, tokens of workloads.
///
/// There is one space of names, and a name belongs to whoever has it first. What nobody vouches for any more has no name: a login that is too old, a
/// provider that is configured no more or names itself otherwise.
public struct NameBook: Sendable {
    private let store: any IdentityStore
    private let people: [ProviderPeople]

    /// Opens the book.
    /// - Parameters:
    ///   - store: where it is kept.
    ///   - people: all who are configured and have names of this sort.
    public init(store: any IdentityStore, people: [ProviderPeople]) { (self.store, self.people) = (store, people) }

    /// Whether somebody is vouched for today under the name that they had last.
    /// - Parameter record: their last login.
    public func vouches(for record: IdentityRecord) -> Bool { people.contains { $0.vouches(for: record) } }

    /// Notes that somebody has come.
    /// - Parameter record: who it is, with the name that they want.
    /// - Returns: false if somebody else has the name.
    /// - Throws: `SourceFailure` if it could not be stored.
    public func note(_ record: IdentityRecord) async throws(SourceFailure) -> Bool {
        let people = people
        return try await store.noteLogin(record) { other in people.contains { $0.vouches(for: other) } }
    }
}

/// The names of certificates, or of tokens: an entry of the book for each, made when it is used first and renewed once a day. Safe to share.
public final class ClaimedNames: Sendable {
    private struct Claim: Hashable {
        let name: UserName
        let issuer: Issuer?
    }

    private let source: SourceName
    private let book: NameBook
    private let clock: @Sendable () -> Date
    private let claims = Locked(LRUCache<Claim, Date>(capacity: 16_384))
    /// How long a claim is not written again: well within the time for which it holds a name.
    private let renewal: TimeInterval

    /// Describes the names of a source.
    /// - Parameters:
    ///   - source: the source.
    ///   - book: who has which name.
    ///   - lifetime: how long a claim holds a name.
    ///   - clock: what time it is.
    public init(
        _ source: SourceName, book: NameBook, lifetime: Duration, clock: @escaping @Sendable () -> Date = { .now }
    ) {
        (self.source, self.book, self.clock) = (source, book, clock)
        renewal = min(86_400, lifetime / .seconds(4))
    }

    /// Whether a name was claimed a short while ago. Never waits.
    /// - Parameters:
    ///   - name: the name.
    ///   - issuer: who has given it; nil where there is one alone.
    public func isKnown(_ name: UserName, of issuer: Issuer? = nil) -> Bool {
        let now = clock()
        return claims.withLock {
            $0[Claim(name: name, issuer: issuer)].map { abs(now.timeIntervalSince($0)) < renewal }
        }
            ?? false
    }

    /// Claims a name.
    /// - Parameters:
    ///   - name: the name.
    ///   - issuer: who has given it; nil where there is one alone. Two who give the same name are two.
    /// - Returns: false if somebody else has it.
    /// - Throws: `SourceFailure` if it could not be stored.
    public func claim(_ name: UserName, of issuer: Issuer? = nil) async throws(SourceFailure) -> Bool {
        if isKnown(name, of: issuer) { return true }
        let now = clock()
        let identity = issuer.map { Identity($0, Subject("name:\(name)")) } ?? Identity(named: name)
        let record = IdentityRecord(
            source: source, identity: identity, userName: name, groups: [], displayName: nil, email: nil, lastLogin: now
        )
        guard try await book.note(record) else { return false }
        claims.withLock { $0[Claim(name: name, issuer: issuer)] = now }
        return true
    }
}
