public import Credentials
import Foundation

/// The rotation of keys. Old and new are a family.
extension APIKeyRing {
    /// What rotating a key came to.
    public enum Rotation: Sendable {
        /// A successor is there.
        case done(APIKeyRecord, APIKey)
        /// There is no such key.
        case unknown
        /// Its time is over.
        case expired
        /// The policy lets no key like it be made any more.
        case forbidden(APIKeyPolicy.Rule)
        /// It was rotated or revoked already: somebody has it who should not, and its whole family is revoked now.
        case reused([APIKeyRecord])
    }

    /// How long a rotated key may work beside its successor at most.
    public static let maximumOverlap = Duration.seconds(30 * 86_400)
    /// How long it does unless somebody says otherwise.
    public static let usualOverlap = Duration.seconds(86_400)

    /// Makes a successor of a key, with the same label, scopes and lifetime; durable when this returns.
    /// - Parameters:
    ///   - selection: the one key.
    ///   - overlap: how long the old one works beside it, up to ``maximumOverlap``.
    ///   - userAgent: the user agent of the request.
    ///   - maker: the key that whoever asks for it came by; nil if they came by none. A key that renews itself keeps its lifetime; what it renews of
    ///     others ends with it at the latest.
    /// - Returns: what it came to.
    /// - Throws: `SourceFailure` if it could not be stored.
    public func rotate(
        _ selection: KeySelection, overlap: Duration, userAgent: String, maker: APIKeyRecord? = nil
    ) async throws(SourceFailure) -> Rotation {
        let date = now
        guard let old = try await store.records(selection).first else { return .unknown }
        guard old.rotation == nil, old.revocation == nil else { return .reused(try await revokeFamily(of: old)) }
        guard !old.isExpired(at: date) else { return .expired }
        let key = APIKey.random()
        let lifetime = old.expirationDate?.timeIntervalSince(old.createdAt)
        let end = [
            lifetime.map { min(date.addingTimeInterval($0), .lastWritable) },
            maker.flatMap { $0.id == old.id ? nil : $0.end },
        ].compactMap(\.self).min()
        let new = APIKeyRecord(
            id: UUID(), owner: old.owner, serviceAccount: old.serviceAccount, label: old.label, scopes: old.scopes,
            createdAt: date, expirationDate: end, creatorUserAgent: userAgent, family: old.family)
        if let rule = policy.lastingRule(against: new) { return .forbidden(rule) }
        guard try await scopes.isAllowed(new.scopes) else { return .forbidden(.allowedScopes) }
        let rotation = KeyRotation(
            date: date, successor: new.id,
            end: date.addingTimeInterval(max(.zero, min(overlap, Self.maximumOverlap)) / .seconds(1)))
        switch try await store.rotate(old.id, rotation, into: new, digest: key.digest, limit: policy.maxPerUser) {
        case .done:
            forget([old.id])
            return .done(new, key)
        case .overLimit: return .forbidden(.maxPerUser)
        // Somebody else was faster: one of the two is a thief.
        case .notCurrent: return .reused(try await revokeFamily(of: old))
        }
    }

    /// Revokes a key and all that descend from the same one.
    private func revokeFamily(of record: APIKeyRecord) async throws(SourceFailure) -> [APIKeyRecord] {
        try await revoke(.family(record.family), cause: .reuse)
    }

    /// Takes note that somebody tried to rotate with a key that does not work any more because it was rotated or revoked: its whole
    /// family is revoked.
    /// - Parameter secret: what they presented.
    /// - Returns: the family; empty if it was no such key.
    /// - Throws: `SourceFailure` if it could not be stored.
    public func reportReuse(of secret: Secret) async throws(SourceFailure) -> [APIKeyRecord] {
        guard let digest = APIKey(secret)?.digest, let record = try await store.record(of: digest),
            record.rotation != nil || record.revocation != nil
        else { return [] }
        return try await revokeFamily(of: record)
    }
}
