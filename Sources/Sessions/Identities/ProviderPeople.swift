public import Credentials
public import Foundation

/// The people of a provider, as what vouches for the owners of keys and sessions.
///
/// A provider tells nobody that somebody has left: its word is the last login, and is good for a time.
public struct ProviderPeople: UserDirectory {
    /// The provider's source.
    public let name: SourceName
    private let issuer: Issuer?
    private let store: any IdentityStore
    private let lifetime: Duration
    private let naming: [SourceName: GroupNaming]
    private let clock: @Sendable () -> Date

    /// Describes the people of a provider.
    /// - Parameters:
    ///   - name: its source.
    ///   - issuer: how it names itself today: whom another one has vouched for under the same name is nobody here. Nil for a source that has only names.
    ///   - store: who has logged in.
    ///   - lifetime: how long a login is good for: whoever has not logged in for so long is taken to be gone.
    ///   - naming: how the groups of each provider are named.
    ///   - clock: what time it is.
    public init(
        _ name: SourceName, issuer: Issuer?, store: any IdentityStore, lifetime: Duration,
        naming: [SourceName: GroupNaming] = [:], clock: @escaping @Sendable () -> Date = { .now }
    ) {
        (self.name, self.issuer, self.store, self.lifetime) = (name, issuer, store, lifetime)
        (self.naming, self.clock) = (naming, clock)
    }

    /// Does not: a provider lets its people choose, or knows nothing of the names of others.
    public var givesNames: Bool { false }

    /// Whether a login vouches for somebody today.
    /// - Parameter record: the login.
    public func vouches(for record: IdentityRecord) -> Bool {
        record.source == name && issuer.map(record.identity.isOf) ?? true
            && clock().timeIntervalSince(record.lastLogin) < lifetime / .seconds(1)
    }

    /// Looks up whoever has a user name.
    public func lookUp(userName: UserName) async -> UserLookup {
        await answer { () async throws(SourceFailure) in try await store.identityRecord(named: userName) }
    }

    /// Looks up who has an identity.
    public func lookUp(identity: Identity) async -> UserLookup {
        await answer { () async throws(SourceFailure) in try await store.identityRecord(identity, of: name) }
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
