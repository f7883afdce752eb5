/// What one event loop has learnt of credentials in the last second: a look at it meets no other thread, not even at a
/// counter of references.
///
/// It is a copy of what the resolver and its sources remember, never more: an entry lasts a second, unless its source renews it,
/// belongs to the address that it came from, and is void with the next ``Invalidation``. Not safe to share: one for each event loop.
package final class LoopMemory {
    /// What is known of one credential.
    package final class Known {
        /// Whose it is.
        package let principal: Principal
        /// What the owner of the memory wants to keep beside it.
        package var note: AnyObject?
        fileprivate var renewal: (any PrincipalRenewal)?
        fileprivate let client: IPAddress?
        fileprivate var invalidations: UInt64
        fileprivate var expires: ContinuousClock.Instant

        fileprivate init(
            _ known: KnownPrincipal, client: IPAddress?, invalidations: UInt64, expires: ContinuousClock.Instant
        ) {
            principal = known.principal
            renewal = known.renewal
            self.client = client
            self.invalidations = invalidations
            self.expires = expires
        }
    }

    private static let lifetime = Duration.seconds(1)
    private var entries: [CredentialTag: Known] = [:]
    /// A key of its own: another one's would be shared.
    private let tagger = CredentialTagger()
    private let counts: ResolverMetrics.Counts
    private let capacity: Int

    /// - Parameters:
    ///   - metrics: where what it answers is counted.
    ///   - capacity: how many credentials it knows at most.
    init(_ metrics: ResolverMetrics, capacity: Int) {
        self.capacity = capacity
        counts = metrics.newCounts()
    }

    /// Finds whose a credential is, if that was found out, or renewed, in the last second and still holds. It is counted then.
    /// - Parameters:
    ///   - header: the credential as the request has it, such as the value of `Authorization`.
    ///   - client: the address that it comes from.
    ///   - now: the time.
    /// - Returns: what is known, and whether it was renewed just now.
    package func find(
        _ header: String, from client: IPAddress?, at now: ContinuousClock.Instant
    ) -> (known: Known, isFresh: Bool)? {
        // The invalidations are looked at before the source is: one that comes between the two voids the entry.
        guard let known = entries[tagger.tag(header)], known.invalidations == Invalidation.current,
            known.client == client
        else { return nil }
        let isOver = known.expires <= now
        if isOver {
            guard let renewal = known.renewal, renewal.renew(at: now) else { return nil }
            known.expires = now + Self.lifetime
        }
        counts.countAuthenticated(isCacheHit: known.principal.method == .password)
        return (known, isOver)
    }

    /// Remembers whose a credential is.
    /// - Parameters:
    ///   - found: whose it is.
    ///   - header: the credential as the request has it.
    ///   - client: the address that it comes from.
    ///   - invalidations: their number before that was found out.
    ///   - now: the time.
    /// - Returns: what is known now, with its note if it was known before and nothing of it has changed.
    package func remember(
        _ found: KnownPrincipal, _ header: String, from client: IPAddress?, since invalidations: UInt64,
        at now: ContinuousClock.Instant
    ) -> Known {
        let tag = tagger.tag(header)
        if let known = entries[tag], known.client == client, known.principal == found.principal {
            (known.invalidations, known.expires) = (invalidations, now + Self.lifetime)
            known.renewal = found.renewal
            return known
        }
        // What is in use is back within a second: there is little to choose among them.
        if entries.count >= capacity { entries.removeAll(keepingCapacity: true) }
        let known = Known(found, client: client, invalidations: invalidations, expires: now + Self.lifetime)
        entries[tag] = known
        return known
    }
}
