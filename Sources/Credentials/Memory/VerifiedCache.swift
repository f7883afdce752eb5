/// Remembers verified passwords for a short time (rule 6): under a keyed SHA-256, bound to what verified them, least recently
/// used ones forgotten first.
final class VerifiedCache: Sendable {
    /// What is remembered of one credential: an object, so that finding it copies nothing.
    final class Entry: Sendable {
        /// Which of the resolver's sources verified it.
        let source: Int
        /// What the user's entry was then: another one voids the memory.
        let binding: [UInt8]
        let principal: Principal
        /// The secret's own tag.
        let secret: CredentialTag
        /// When it was verified.
        let verified: ContinuousClock.Instant

        init(
            source: Int, binding: [UInt8], principal: Principal, secret: CredentialTag,
            verified: ContinuousClock.Instant
        ) {
            self.source = source
            self.binding = binding
            self.principal = principal
            self.secret = secret
            self.verified = verified
        }
    }

    /// The spellings under which one person's password is remembered.
    private struct Person: Sendable {
        var secret: CredentialTag
        /// When the verification of that password began.
        var begun: ContinuousClock.Instant
        var tags: [CredentialTag]
    }

    /// How many spellings of one person's name are remembered.
    private static let spellings = 8

    private let lifetime: Duration
    private let entries: Sharded<LRUCache<CredentialTag, Entry>>
    private let people: Sharded<LRUCache<Int, Person>>

    /// - Parameters:
    ///   - lifetime: how long a credential is remembered.
    ///   - capacity: how many are, at most.
    init(lifetime: Duration, capacity: Int) {
        self.lifetime = lifetime
        entries = Sharded { LRUCache(capacity: capacity / 16) }
        people = Sharded { LRUCache(capacity: capacity / 16) }
    }

    /// What is remembered, if it has not expired and is still bound to the same entry.
    /// - Parameters:
    ///   - tag: the credential.
    ///   - isBound: whether a source's entry is still the one that verified.
    func entry(of tag: CredentialTag, at now: ContinuousClock.Instant, isBound: (Entry) -> Bool) -> Entry? {
        guard let entry = entries.withPart(of: tag.shard, { $0[tag] }) else { return nil }
        if now - entry.verified < lifetime, isBound(entry) { return entry }
        forget(tag)
        return nil
    }

    /// Remembers a credential. A person's older password is forgotten at once: a source that has just verified another one
    /// does not take it any more.
    /// - Parameters:
    ///   - tag: the credential.
    ///   - entry: what is remembered of it.
    ///   - begun: when the source began to look.
    func remember(_ tag: CredentialTag, _ entry: Entry, begun: ContinuousClock.Instant) {
        let person = Self.person(entry.principal.userName, source: entry.source)
        let (isCurrent, outdated) = people.withPart(of: person) { people -> (Bool, [CredentialTag]) in
            guard var known = people[person] else {
                people[person] = Person(secret: entry.secret, begun: begun, tags: [tag])
                return (true, [])
            }
            var outdated: [CredentialTag] = []
            if known.secret != entry.secret {
                // A slower verification of the password of before.
                guard begun >= known.begun else { return (false, []) }
                (outdated, known.tags) = (known.tags, [])
            }
            (known.secret, known.begun) = (entry.secret, begun)
            if !known.tags.contains(tag) { known.tags.append(tag) }
            if known.tags.count > Self.spellings { outdated.append(known.tags.removeFirst()) }
            people[person] = known
            return (true, outdated)
        }
        outdated.forEach(forget)
        if !outdated.isEmpty { Invalidation.note() }
        if isCurrent { entries.withPart(of: tag.shard) { $0[tag] = entry } }
    }

    /// Forgets a person's passwords, whichever of so many sources has verified them.
    func forget(_ userName: UserName, sources: Int) {
        for source in 0..<sources {
            let person = Self.person(userName, source: source)
            let tags = people.withPart(of: person) { people in
                defer { people[person] = nil }
                return people[person]?.tags ?? []
            }
            tags.forEach(forget)
        }
    }

    private func forget(_ tag: CredentialTag) {
        entries.withPart(of: tag.shard) { $0[tag] = nil }
    }

    private static func person(_ userName: UserName, source: Int) -> Int {
        var hasher = Hasher()
        hasher.combine(source)
        hasher.combine(StringPreparation.caseIgnore(userName))
        return hasher.finalize()
    }
}
