public import Credentials
public import struct Foundation.Date
public import struct Foundation.UUID

/// Where sessions are kept: their records, found by the digests of their tokens.
///
/// What ``insert(_:digest:owner:limit:provider:)`` and `end(_:)` have returned from is durable. No call blocks the thread that makes it.
public protocol SessionStore: Sendable {
    /// Adds a session.
    /// - Parameters:
    ///   - session: what is known of it.
    ///   - digest: what it will be found by.
    ///   - owner: what the owner's source has just said of them, kept together with the session; nil if it was not asked.
    ///   - limit: how many sessions an owner may have: the ones used longest ago end.
    ///   - provider: the session at the provider by which it began; nil if it began otherwise.
    /// - Returns: those that ended.
    /// - Throws: `SourceFailure` if it could not be stored.
    func insert(
        _ session: SessionRecord, digest: SessionDigest, owner: OwnerRecord?, limit: Int, provider: ProviderSession?
    ) async throws(SourceFailure) -> [UUID]

    /// Finds a session.
    /// - Parameter digest: the digest of its token.
    /// - Returns: the record, also if its time is over; nil if there is none.
    /// - Throws: `SourceFailure` if the store could not look.
    func session(of digest: SessionDigest) async throws(SourceFailure) -> SessionRecord?

    /// Finds the session at the provider by which a session began.
    /// - Parameter digest: the digest of the session's token.
    /// - Returns: nil if there is no such session, or it began otherwise.
    /// - Throws: `SourceFailure` if the store could not look.
    func providerSession(of digest: SessionDigest) async throws(SourceFailure) -> ProviderSession?

    /// Finds a session together with the one at the provider by which it began.
    /// - Parameter digest: the digest of its token.
    /// - Returns: both, also if its time is over; nil if there is none.
    /// - Throws: `SourceFailure` if the store could not look.
    func wholeSession(
        of digest: SessionDigest
    ) async throws(SourceFailure) -> (session: SessionRecord, provider: ProviderSession?)?

    /// Lists sessions, oldest first, those too whose time is over.
    /// - Parameter selection: which.
    /// - Throws: `SourceFailure` if the store could not look.
    func sessions(_ selection: SessionSelection) async throws(SourceFailure) -> [SessionRecord]

    /// Ends sessions: nothing is left of them.
    /// - Parameter selection: which.
    /// - Returns: those that ended.
    /// - Throws: `SourceFailure` if it could not be stored.
    func end(_ selection: SessionSelection) async throws(SourceFailure) -> [SessionRecord]

    /// Does what a provider's logout demands, and notes that it is done, in one transaction.
    /// - Parameters:
    ///   - logout: what ends.
    ///   - date: the time.
    /// - Returns: what has ended; nothing for a logout that was told before.
    /// - Throws: `SourceFailure` if it could not be stored; then nothing has ended, and it may be told once more.
    func end(_ logout: ProviderLogout, at date: Date) async throws(SourceFailure) -> EndedByProvider

    /// Notes when sessions were last used.
    /// - Parameter uses: the time by the public id of the session.
    /// - Throws: `SourceFailure` if it could not be stored.
    func noteSessionUses(_ uses: [UUID: Date]) async throws(SourceFailure)

    /// Deletes sessions whose time is over.
    /// - Parameters:
    ///   - date: those that end before it.
    ///   - idle: and those that were last used before it.
    /// - Returns: how many there were.
    /// - Throws: `SourceFailure` if it could not be stored.
    func purgeSessions(endedBefore date: Date, unusedSince idle: Date) async throws(SourceFailure) -> Int
}
