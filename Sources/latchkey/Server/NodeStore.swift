import APIKeys
import Credentials
import Foundation
import PostgreSQLStorage
import SQLiteStorage
import Sessions

/// The store of a node, whichever it is.
protocol NodeStore: APIKeyStore, OwnerStore, SessionStore, IdentityStore, CheckpointStore {
    /// What was done, and how long it took.
    var metrics: StoreMetrics { get }
    /// How much its threads have to do.
    var lanes: [LaneStatus] { get }
    /// Where keys are best looked up; nil for anywhere.
    var lookUpExecutor: (any TaskExecutor)? { get }
    /// Whether what is remembered of it can be relied on, where other nodes have it too; nil for always.
    var memoryTrust: MemoryTrust? { get }
    /// Counts keys by their state.
    func counts(at date: Date) async throws(SourceFailure) -> [KeyState: Int]
    /// Counts sessions.
    func sessionCount(at date: Date) async throws(SourceFailure) -> Int
    /// Everything of it, some at a time and in a fixed order.
    func keyPage(after id: UUID?) async throws(SourceFailure) -> [(APIKeyRecord, APIKeyDigest)]
    func ownerPage(after owner: CredentialOwner?) async throws(SourceFailure) -> [OwnerRecord]
    func sessionPage(
        after id: UUID?
    ) async throws(SourceFailure) -> [(SessionRecord, SessionDigest, ProviderSession?)]
    func identityPage(after userName: UserName?) async throws(SourceFailure) -> [IdentityRecord]
    /// Names of service accounts that have a key which is not revoked, in their order.
    func serviceAccountPage(after name: UserName?) async throws(SourceFailure) -> [UserName]
    func checkpointPage(after file: String?) async throws(SourceFailure) -> [AuditCheckpoint]
    /// Adds what another store has, as it is.
    func add(_ keys: [(APIKeyRecord, APIKeyDigest)]) async throws(SourceFailure) -> Int
    func add(
        owners: [OwnerRecord], sessions: [(SessionRecord, SessionDigest, ProviderSession?)],
        identities: [IdentityRecord]
    ) async throws(SourceFailure)
    /// Closes it.
    func shutDown() throws
}

extension SQLiteStore: NodeStore {
    var lookUpExecutor: (any TaskExecutor)? { lookups }
    var memoryTrust: MemoryTrust? { nil }
    func shutDown() throws { try close() }
}

extension PostgreSQLStore: NodeStore {
    var lookUpExecutor: (any TaskExecutor)? { nil }
    var memoryTrust: MemoryTrust? { trust }
    func shutDown() { close() }
}
