public import Credentials
public import Foundation

/// The people of a provider, as what vouches for the owners of keys and sessions; likewise the names of certificates, and of tokens of programs.
///
/// A provider tells nobody that somebody has left: its word is the last login, and is good for a time.
public struct ProviderPeople: UserDirectory {
    /// The provider's source.
    public let name: SourceName
    private let issuers: [Issuer]?
    private let store: any IdentityStore
    private let lifetime: Duration
    private let naming: GroupNaming?
    private let linkedName: @Sendable (Identity) -> UserName?
    private let clock: @Sendable () -> Date

    /// Describes the people of a provider.
    /// - Parameters:
    ///   - name: its source.
    ///   - issuers: how it names itself today, or who signs its tokens: whom another one has vouched for under the same name is nobody here. Nil for a
    ///     source that has only names.
    ///   - store: who has logged in.
    ///   - lifetime: how long a login is good for: whoever has not logged in for so long is taken to be gone.
    ///   - naming: how its groups are named; nil for none.
    ///   - linkedName: the user name that an operator gives to somebody today; nil for nobody's. Must not block.
    ///   - clock: what time it is.
    public init(
        _ name: SourceName, issuers: [Issuer]?, store: any IdentityStore, lifetime: Duration,
        naming: GroupNaming? = nil,
        linkedName: @escaping @Sendable (Identity) -> UserName? = { _ in nil },
        clock: @escaping @Sendable () -> Date = { .now }
    ) {
        (self.name, self.issuers, self.store, self.lifetime) = (name, issuers, store, lifetime)
        (self.naming, self.linkedName, self.clock) = (naming, linkedName, clock)
    }

    /// Does not: a provider lets its people choose, or knows nothing of the names of others.
    public var givesNames: Bool { false }

    /// Whether a login vouches for somebody today. One whose name was an operator's word ends with the word, and one with a name of its own when the
    /// operator says that it is somebody else.
    /// - Parameter record: the login.
    public func vouches(for record: IdentityRecord) -> Bool {
        guard record.source == name, issuers?.contains(where: record.identity.isOf) ?? true,
            clock().timeIntervalSince(record.lastLogin) < lifetime / .seconds(1)
        else { return false }
        guard let linked = linkedName(record.identity) else { return !record.groups.isNameLinked }
        return linked == record.userName
    }

    /// Looks up whoever has a user name.
    public func lookUp(userName: UserName) async -> UserLookup {
        await answer { () async throws(SourceFailure) in try await store.identityRecord(named: userName) }
    }

    /// Looks up who has an identity.
    public func lookUp(identity: Identity) async -> UserLookup {
        await answer { () async throws(SourceFailure) in try await store.identityRecord(identity, of: name) }
    }

    /// Whether somebody has a name, or one that differs from it in case alone.
    public func isTaken(_ userName: UserName) async -> Bool? {
        do throws(SourceFailure) {
            return try await store.identityRecords(alike: userName).contains(where: vouches)
        } catch {
            return nil
        }
    }

    private func answer(_ find: () async throws(SourceFailure) -> IdentityRecord?) async -> UserLookup {
        do throws(SourceFailure) {
            guard let record = try await find(), vouches(for: record) else { return .absent }
            return .found(record.principal(naming))
        } catch {
            return .unavailable(error)
        }
    }
}
