public import Credentials
public import Foundation

/// The people of a provider, as what vouches for the owners of keys and sessions.
///
/// A provider tells nobody that somebody has left: its word is the last login, and is good for a time.
public struct ProviderPeople: UserDirectory {
    /// The provider's source.
    public let name: SourceName
    private let store: any IdentityStore
    private let lifetime: Duration
    private let clock: @Sendable () -> Date

    /// Describes the people of a provider.
    /// - Parameters:
    ///   - name: its source.
    ///   - store: who has logged in.
    ///   - lifetime: how long a login is good for: whoever has not logged in for so long is taken to be gone.
    ///   - clock: what time it is.
    public init(
        _ name: SourceName, store: any IdentityStore, lifetime: Duration,
        clock: @escaping @Sendable () -> Date = { .now }
    ) {
        (self.name, self.store, self.lifetime, self.clock) = (name, store, lifetime, clock)
    }

    /// Looks up whoever has a user name.
    public func lookUp(userName: String) async -> UserLookup {
        await answer { () async throws(SourceFailure) in try await store.identityRecord(named: userName) }
    }

    /// Looks up who has an identity.
    public func lookUp(identity: String) async -> UserLookup {
        await answer { () async throws(SourceFailure) in try await store.identityRecord(identity, of: name) }
    }

    private func answer(_ find: () async throws(SourceFailure) -> IdentityRecord?) async -> UserLookup {
        do throws(SourceFailure) {
            guard let record = try await find(), record.source == name,
                clock().timeIntervalSince(record.lastLogin) < lifetime / .seconds(1)
            else { return .absent }
            return .found(record.principal)
        } catch {
            return .unavailable(error)
        }
    }
}
