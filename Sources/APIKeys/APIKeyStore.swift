public import Credentials
public import struct Foundation.Date
public import struct Foundation.UUID

/// Where the records of API keys are kept.
///
/// What ``insert(_:digest:owner:)`` and ``revoke(id:owner:at:)`` have returned from is durable: it survives the process's and
/// the machine's sudden end. No call blocks the thread that makes it.
public protocol APIKeyStore: Sendable {
    /// Adds a key.
    /// - Parameters:
    ///   - record: what is known of it.
    ///   - digest: what it will be found by.
    ///   - owner: what the owner's source has just said of them, kept together with the key; nil if it was not asked.
    /// - Throws: `SourceFailure` if it could not be stored.
    func insert(_ record: APIKeyRecord, digest: APIKeyDigest, owner: OwnerRecord?) async throws(SourceFailure)

    /// Finds a key.
    /// - Parameter digest: the digest of its digits.
    /// - Returns: the record, also if the key has expired or was revoked; nil if there never was such a key.
    /// - Throws: `SourceFailure` if the store could not look.
    func record(of digest: APIKeyDigest) async throws(SourceFailure) -> APIKeyRecord?

    /// Lists the keys of a user that were not revoked, oldest first.
    /// - Parameter owner: the canonical user name.
    /// - Returns: their records.
    /// - Throws: `SourceFailure` if the store could not look.
    func records(ownedBy owner: String) async throws(SourceFailure) -> [APIKeyRecord]

    /// Revokes a key. Its record stays, as a tombstone for the audit trail.
    /// - Parameters:
    ///   - id: its public id.
    ///   - owner: the user whose it must be.
    ///   - date: when.
    /// - Returns: whether the user has, or had, such a key. Repeating it changes nothing.
    /// - Throws: `SourceFailure` if it could not be stored.
    func revoke(id: UUID, owner: String, at date: Date) async throws(SourceFailure) -> Bool

    /// Notes when keys were last used.
    /// - Parameter uses: the moment by the public id of the key.
    /// - Throws: `SourceFailure` if it could not be stored.
    func noteUses(_ uses: [UUID: Date]) async throws(SourceFailure)

    /// Whether the store answers.
    /// - Throws: `SourceFailure` if it does not.
    func probe() async throws(SourceFailure)
}
