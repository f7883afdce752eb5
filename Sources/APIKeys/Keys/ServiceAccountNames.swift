public import Credentials
import Foundation

/// The names of service accounts: nobody else may be called so for as long as a key of theirs works.
public struct ServiceAccountNames: NameHolder {
    private let store: any APIKeyStore
    private let clock: @Sendable () -> Date

    /// Describes the names.
    /// - Parameter store: where the keys are kept.
    public init(store: any APIKeyStore) { self.init(store: store) { .now } }

    init(store: any APIKeyStore, clock: @escaping @Sendable () -> Date) { (self.store, self.clock) = (store, clock) }

    /// `service`.
    public var name: SourceName { .service }

    /// Whether a service account has a name.
    public func holds(_ userName: UserName) async -> Bool? {
        do throws(SourceFailure) {
            let now = clock()
            return try await store.records(.serviceAccount(userName)).contains { key in
                key.revocation == nil && !key.isExpired(at: now)
            }
        } catch {
            return nil
        }
    }
}
