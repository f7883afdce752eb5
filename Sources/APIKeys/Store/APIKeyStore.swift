public import Credentials
public import struct Foundation.Date
public import struct Foundation.UUID

/// Where API keys are kept: their records, found by the digests of the keys.
///
/// What ``insert(_:digest:owner:limit:)``, ``rotate(_:_:into:digest:limit:)`` and ``revoke(_:_:)`` have returned from is durable: it
/// survives the process's and the machine's sudden end. No call blocks the thread that makes it.
public protocol APIKeyStore: Sendable {
    /// Adds a key.
    /// - Parameters:
    ///   - record: what is known of it.
    ///   - digest: what it will be found by.
    ///   - owner: what the owner's source has just said of them, kept together with the key; nil if it was not asked.
    ///   - limit: how many keys the owner may have that are neither revoked nor over, this one included; nil for any number.
    /// - Returns: false if the limit is reached; nothing was added then.
    /// - Throws: `SourceFailure` if it could not be stored.
    func insert(
        _ record: APIKeyRecord, digest: APIKeyDigest, owner: OwnerRecord?, limit: Int?
    ) async throws(SourceFailure) -> Bool

    /// Finds a key.
    /// - Parameter digest: the digest of its digits.
    /// - Returns: the record, also if the key has expired or was revoked; nil if there never was such a key.
    /// - Throws: `SourceFailure` if the store could not look.
    func record(of digest: APIKeyDigest) async throws(SourceFailure) -> APIKeyRecord?

    /// Lists keys, expired and revoked ones too, oldest first.
    /// - Parameter selection: which.
    /// - Returns: their records.
    /// - Throws: `SourceFailure` if the store could not look.
    func records(_ selection: KeySelection) async throws(SourceFailure) -> [APIKeyRecord]

    /// Revokes keys. Their records stay, as tombstones for the audit trail.
    /// - Parameters:
    ///   - selection: which.
    ///   - revocation: when, by whom and why. Those that were revoked before stay as they were, but for those that have ended by a departure, which
    ///     may be taken back: what somebody ends stays so.
    /// - Returns: all that were selected, as they are now.
    /// - Throws: `SourceFailure` if it could not be stored.
    func revoke(_ selection: KeySelection, _ revocation: KeyRevocation) async throws(SourceFailure) -> [APIKeyRecord]

    /// Takes back that keys have ended because their owner's source had the owner no more; other ends stay.
    /// - Parameters:
    ///   - owner: whose.
    ///   - date: when those ended: what ended at another time may be of somebody who had the name before.
    /// - Returns: those that are restored.
    /// - Throws: `SourceFailure` if it could not be stored.
    func restore(_ owner: CredentialOwner, departedAt date: Date) async throws(SourceFailure) -> [APIKeyRecord]

    /// Finds out whose keys have ended because a source that knows people by their names alone had them no more.
    /// - Parameter source: the source.
    /// - Returns: when that was last, by name.
    /// - Throws: `SourceFailure` if the store could not look.
    func departures(from source: SourceName) async throws(SourceFailure) -> [UserName: Date]

    /// Finds out who has keys, such as have ended too, of a source that knows people by their names alone.
    /// - Parameter source: the source.
    /// - Returns: each of them once, in no order.
    /// - Throws: `SourceFailure` if the store could not look.
    func namedOwners(of source: SourceName) async throws(SourceFailure) -> [UserName]

    /// Puts a successor into a key's place, in one step.
    /// - Parameters:
    ///   - id: the key.
    ///   - rotation: what it becomes.
    ///   - successor: the new key.
    ///   - digest: what the new key will be found by.
    ///   - limit: how many keys the owner may have that are neither revoked nor over, while the old one works beside the new one; nil for any number.
    /// - Returns: what it came to; if it is not done nothing was changed.
    /// - Throws: `SourceFailure` if it could not be stored.
    func rotate(
        _ id: UUID, _ rotation: KeyRotation, into successor: APIKeyRecord, digest: APIKeyDigest, limit: Int?
    ) async throws(SourceFailure) -> RotationOutcome

    /// Notes when and from where keys were last used.
    /// - Parameter uses: the use by the public id of the key.
    /// - Throws: `SourceFailure` if it could not be stored.
    func noteUses(_ uses: [UUID: KeyUse]) async throws(SourceFailure)

    /// Deletes what is left of keys that ended long ago.
    /// - Parameter date: those that were revoked or over before it.
    /// - Returns: how many there were.
    /// - Throws: `SourceFailure` if it could not be stored.
    func purge(endedBefore date: Date) async throws(SourceFailure) -> Int

    /// Whether the store answers.
    /// - Throws: `SourceFailure` if it does not.
    func probe() async throws(SourceFailure)
}
