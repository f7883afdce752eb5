import AccessControl
public import Credentials
public import Foundation

/// New keys, and what may make them.
extension APIKeyRing {
    /// Creates a key for somebody; it is durable when this returns.
    /// - Parameters:
    ///   - owner: whose it is.
    ///   - serviceAccount: the name that it comes in by instead; nil for a key of the owner's own.
    ///   - label: the owner's name for it.
    ///   - scopes: what it is limited to; empty for no limit.
    ///   - expirationDate: when it ends; nil for never.
    ///   - userAgent: the user agent of the request.
    ///   - maker: the key that whoever asks for it came by; nil if they came by none. No key makes more than itself.
    /// - Returns: the record, and the key, which can't be had again.
    /// - Throws: ``KeyRequestError`` if the policy or the maker does not allow it, or it could not be stored.
    public func create(
        owner: Principal, serviceAccount: UserName? = nil, label: String, scopes: [Scope], expirationDate: Date?,
        userAgent: String, maker: APIKeyRecord? = nil
    ) async throws(KeyRequestError) -> (APIKeyRecord, APIKey) {
        // Who came by a key has shown no source anything: an old key must not make its owner young.
        let vouched =
            owner.method == .password ? OwnerRecord(CredentialOwner(owner), principal: owner, date: now) : nil
        return try await create(
            owner: CredentialOwner(owner), vouched: vouched, serviceAccount: serviceAccount, label: label,
            scopes: scopes, expirationDate: expirationDate, userAgent: userAgent, maker: maker)
    }

    /// Creates a key for somebody of whom nothing new is known; it is durable when this returns.
    /// - Parameters:
    ///   - owner: whose it is.
    ///   - vouched: what their source has just said of them; nil if it was not asked.
    ///   - serviceAccount: the name that it comes in by instead; nil for a key of the owner's own.
    ///   - label: the owner's name for it.
    ///   - scopes: what it is limited to; empty for no limit.
    ///   - expirationDate: when it ends; nil for never.
    ///   - userAgent: the user agent of the request.
    ///   - maker: the key that whoever asks for it came by; nil if they came by none.
    /// - Returns: the record, and the key, which can't be had again.
    /// - Throws: ``KeyRequestError`` if the policy or the maker does not allow it, or it could not be stored.
    public func create(
        owner: CredentialOwner, vouched: OwnerRecord? = nil, serviceAccount: UserName? = nil, label: String,
        scopes: [Scope], expirationDate: Date?, userAgent: String, maker: APIKeyRecord? = nil
    ) async throws(KeyRequestError) -> (APIKeyRecord, APIKey) {
        let (key, date) = (APIKey.random(), now)
        let record = APIKeyRecord(
            id: UUID(), owner: owner, serviceAccount: serviceAccount, label: label, scopes: scopes,
            createdAt: date, expirationDate: expirationDate, creatorUserAgent: userAgent)
        if let maker { try Self.check(record, within: maker, at: date) }
        if let rule = policy.rule(against: record, at: date) { throw .policy(rule) }
        let isAdded: Bool
        let isAllowed: Bool
        do throws(SourceFailure) {
            isAllowed = try await self.scopes.isAllowed(scopes, isNew: true)
            isAdded =
                isAllowed
                ? try await store.insert(record, digest: key.digest, owner: vouched, limit: policy.maxPerUser) : false
        } catch {
            throw .store(error)
        }
        guard isAllowed else { throw .policy(.allowedScopes) }
        guard isAdded else { throw .policy(.maxPerUser) }
        return (record, key)
    }

    /// A key makes none that lives longer than itself, or may more.
    private static func check(
        _ new: APIKeyRecord, within maker: APIKeyRecord, at date: Date
    ) throws(KeyRequestError) {
        guard maker.refusal(at: date) == nil, KeyScopes(maker.scopes).isUnlimited else { throw .limitedMaker }
        guard let end = maker.end else { return }
        // Stored times are whole microseconds; the one that was asked for is not stored yet.
        guard let own = new.expirationDate, own.microseconds <= end.microseconds else { throw .outlivesMaker(end) }
    }

    /// Why no key can be made with some scopes, whatever the policy is.
    /// - Parameter scopes: the scopes.
    /// - Returns: what is wrong with them, in words for whoever asked; nil if nothing is.
    /// - Throws: `SourceFailure` if too many wait already for the one thread that compares scopes.
    public func problem(ofNew scopes: [Scope]) async throws(SourceFailure) -> String? {
        try await self.scopes.problem(ofNew: scopes)
    }

    /// The key that somebody came by.
    /// - Parameter principal: who came.
    /// - Returns: nil if they came by none, or it is gone.
    /// - Throws: `SourceFailure` if the store could not look.
    public func maker(_ principal: Principal) async throws(SourceFailure) -> APIKeyRecord? {
        guard case .apiKey(let id, _) = principal.method else { return nil }
        return try await store.records(.one(id, of: principal)).first
    }
}
