public import Credentials
public import struct Foundation.Date

/// Where it is kept who has logged in by providers, and who has which user name. No call blocks the thread that makes it.
public protocol IdentityStore: Sendable {
    /// Notes a login: the groups of today take the place of those of before.
    /// - Parameters:
    ///   - record: who has logged in.
    ///   - isHeld: whether the login by which somebody else has the name, in whatever case, still vouches for them; must not block. One that does not claims nothing, and
    ///     is forgotten.
    /// - Returns: false if somebody else has the user name, and then nothing is changed. The name that somebody had before is free again.
    /// - Throws: `SourceFailure` if it could not be stored.
    func noteLogin(
        _ record: IdentityRecord, isHeld: @escaping @Sendable (IdentityRecord) -> Bool
    ) async throws(SourceFailure) -> Bool

    /// Finds somebody by who they are.
    /// - Throws: `SourceFailure` if the store could not look.
    func identityRecord(_ identity: Identity, of source: SourceName) async throws(SourceFailure) -> IdentityRecord?

    /// Finds all who have a user name, or one that differs from it in case alone.
    /// - Throws: `SourceFailure` if the store could not look.
    func identityRecords(alike userName: UserName) async throws(SourceFailure) -> [IdentityRecord]

    /// Finds whoever has a user name.
    /// - Throws: `SourceFailure` if the store could not look.
    func identityRecord(named userName: UserName) async throws(SourceFailure) -> IdentityRecord?

    /// Notes that a browser has come back from a login at a provider: nobody does a second time, at whatever node.
    /// - Parameters:
    ///   - login: what tells it from all others; a digest, as it comes from outside.
    ///   - end: until when it must be known: after that it is over by itself.
    ///   - now: the time: logins that were over before are forgotten.
    /// - Returns: whether it is the first time.
    /// - Throws: `SourceFailure` if it could not be stored.
    func endLogin(_ login: String, until end: Date, at now: Date) async throws(SourceFailure) -> Bool
}
