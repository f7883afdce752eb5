/// Remembers verified passwords for a short time (rule 6): under an HMAC, bound to what verified them, least recently
/// used ones forgotten first.
final class VerifiedCache: Sendable {
    /// What is remembered of one credential.
    struct Entry: Sendable {
        /// Which of the resolver's sources verified it.
        var source: Int
        /// What the user's entry was then: another one voids the memory.
        var binding: [UInt8]
        var principal: Principal
        var expires: ContinuousClock.Instant
    }

    private let lifetime: Duration
    private let entries: Sharded<LRUCache<CredentialTag, Entry>>

    /// - Parameters:
    ///   - lifetime: how long a credential is remembered.
    ///   - capacity: how many are, at most.
    init(lifetime: Duration, capacity: Int) {
        self.lifetime = lifetime
        entries = Sharded { LRUCache(capacity: capacity / 16) }
    }

    /// What is remembered, if it has not expired and is still bound to the same entry.
    /// - Parameters:
    ///   - tag: the credential.
    ///   - isBound: whether a source's entry is still the one that verified.
    func entry(of tag: CredentialTag, at now: ContinuousClock.Instant, isBound: (Entry) -> Bool) -> Entry? {
        guard let entry = entries.withPart(of: tag.shard, { $0[tag] }) else { return nil }
        if entry.expires > now, isBound(entry) { return entry }
        entries.withPart(of: tag.shard) { $0[tag] = nil }
        return nil
    }

    /// Remembers a credential.
    func remember(
        _ tag: CredentialTag, source: Int, binding: [UInt8], principal: Principal, at now: ContinuousClock.Instant
    ) {
        let entry = Entry(source: source, binding: binding, principal: principal, expires: now + lifetime)
        entries.withPart(of: tag.shard) { $0[tag] = entry }
    }
}
