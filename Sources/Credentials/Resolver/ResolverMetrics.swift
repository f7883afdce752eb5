import Synchronization

/// What a resolver has counted since its start. Safe to share; reading it costs nothing to speak of.
public final class ResolverMetrics: Sendable {
    /// The counters, each of which only grows.
    public struct Snapshot: Sendable, Hashable {
        /// Credentials that were somebody's.
        public var authenticated = 0
        /// Credentials that were nobody's.
        public var refused = 0
        /// Credentials that nobody could judge.
        public var unavailable = 0
        /// Attempts that came too soon after failures.
        public var throttled = 0
        /// Passwords that were answered from memory.
        public var cacheHits = 0
        /// Passwords that were not.
        public var cacheMisses = 0
        /// Requests that waited for the same credential's work instead of doing it again.
        public var shared = 0
        /// Accounts that reached the number of consecutive failures worth an alert.
        public var alerts = 0
    }

    /// What a source has said of a credential, as far as it may be told.
    public struct SourceVerdict: Sendable, Hashable {
        /// The source's name.
        public let source: String
        /// `authenticated`, `rejected`, `unknown-user` or `unavailable`.
        public let verdict: String
        /// The code of a ``RefusalReason`` or of a ``SourceFailure``; empty where there is none.
        public let reason: String
    }

    /// What one event loop has counted: nobody else writes to it.
    final class Counts: Sendable {
        fileprivate let authenticated = Atomic<Int>(0)
        fileprivate let cacheHits = Atomic<Int>(0)

        func countAuthenticated(isCacheHit: Bool) {
            authenticated.add(1, ordering: .relaxed)
            if isCacheHit { cacheHits.add(1, ordering: .relaxed) }
        }
    }

    private let loops = Locked<[Counts]>([])
    private let authenticated = Atomic<Int>(0)
    private let refused = Atomic<Int>(0)
    private let unavailable = Atomic<Int>(0)
    private let throttled = Atomic<Int>(0)
    private let cacheHits = Atomic<Int>(0)
    private let cacheMisses = Atomic<Int>(0)
    private let shared = Atomic<Int>(0)
    private let alerts = Atomic<Int>(0)
    private let said = Locked<[SourceVerdict: Int]>([:])
    private let refusals = Locked<[String: Int]>([:])

    /// How often each source was asked, by what it said. What memory answers asks none.
    public var verdicts: [SourceVerdict: Int] { said.withLock { $0 } }

    /// How often credentials were refused, by the reason's code.
    public var refusalReasons: [String: Int] { refusals.withLock { $0 } }

    /// The counters as they are now.
    public var snapshot: Snapshot {
        let loops = loops.withLock { $0 }
        return Snapshot(
            authenticated: loops.reduce(authenticated.load(ordering: .relaxed)) {
                $0 + $1.authenticated.load(ordering: .relaxed)
            }, refused: refused.load(ordering: .relaxed),
            unavailable: unavailable.load(ordering: .relaxed), throttled: throttled.load(ordering: .relaxed),
            cacheHits: loops.reduce(cacheHits.load(ordering: .relaxed)) { $0 + $1.cacheHits.load(ordering: .relaxed) },
            cacheMisses: cacheMisses.load(ordering: .relaxed),
            shared: shared.load(ordering: .relaxed), alerts: alerts.load(ordering: .relaxed))
    }

    /// Counts an outcome.
    package func count(_ outcome: Outcome) {
        switch outcome {
        case .authenticated: authenticated.add(1, ordering: .relaxed)
        case .refused(let reason):
            refused.add(1, ordering: .relaxed)
            refusals.withLock { $0[reason.rawValue, default: 0] += 1 }
        case .unavailable: unavailable.add(1, ordering: .relaxed)
        case .throttled: throttled.add(1, ordering: .relaxed)
        }
    }

    func count(_ verdict: Verdict, of source: SourceName) {
        let (word, reason) =
            switch verdict {
            case .authenticated: ("authenticated", "")
            case .rejected(let reason, _): ("rejected", reason.rawValue)
            case .unknownUser: ("unknown-user", "")
            case .unavailable(let failure): ("unavailable", failure.code.rawValue)
            }
        let key = SourceVerdict(source: source.rawValue, verdict: word, reason: reason)
        said.withLock { $0[key, default: 0] += 1 }
    }

    /// Counters for one more event loop.
    func newCounts() -> Counts {
        let counts = Counts()
        loops.withLock { $0.append(counts) }
        return counts
    }

    package func countAuthenticated() { authenticated.add(1, ordering: .relaxed) }
    func countCacheHit() { cacheHits.add(1, ordering: .relaxed) }
    func countCacheMiss() { cacheMisses.add(1, ordering: .relaxed) }
    func countShared() { shared.add(1, ordering: .relaxed) }
    func countAlert() { alerts.add(1, ordering: .relaxed) }
}
