import Synchronization
public import Credentials

/// Asks from time to time whether the owners of keys still exist: an API key lives no longer than its owner (rule 10).
public final class OwnerCheck: Sendable {
    /// What the check comes to.
    enum Answer: Sendable {
        /// The owner exists; with today's groups.
        case present(Principal)
        case gone
        case unavailable(SourceFailure)
    }

    private struct Memory {
        var principal: Principal
        /// When a source last vouched for the owner.
        var vouched: ContinuousClock.Instant
        /// Until when nobody is asked.
        var restsUntil: ContinuousClock.Instant
    }

    private let directories: [SourceName: any UserDirectory]
    private let interval: Duration
    private let grace: Duration
    private let memory: Locked<LRUCache<String, Memory>>

    /// Makes a check.
    /// - Parameters:
    ///   - directories: the sources that owners come from.
    ///   - interval: how long an answer is good for.
    ///   - grace: how long the last answer is used while the source is unavailable.
    ///   - capacity: how many owners are remembered at most.
    public init(
        directories: [any UserDirectory], interval: Duration = .seconds(300), grace: Duration = .seconds(3600),
        capacity: Int = 65_536
    ) {
        self.directories = Dictionary(directories.map { ($0.name, $0) }) { first, _ in first }
        self.interval = interval
        self.grace = grace
        self.memory = Locked(LRUCache(capacity: capacity))
    }

    /// The owner, if the last answer is still good. Never waits.
    func principalIfKnown(_ record: APIKeyRecord) -> Principal? {
        memory.withLock { $0[Self.key(record)] }.flatMap { $0.restsUntil > .now ? $0.principal : nil }
    }

    /// The owner, as their source knows them now.
    func check(_ record: APIKeyRecord) async -> Answer {
        if let principal = principalIfKnown(record) { return .present(principal) }
        // A source that is no longer configured vouches for nobody.
        guard let directory = directories[record.ownerSource] else { return .gone }
        let key = Self.key(record)
        switch await directory.lookUp(userName: record.owner) {
        case .found(let principal):
            let now = ContinuousClock.now
            memory.withLock { $0[key] = Memory(principal: principal, vouched: now, restsUntil: now + interval) }
            return .present(principal)
        case .absent, .disabled:
            memory.withLock { $0[key] = nil }
            return .gone
        case .unavailable(let failure):
            return lastAnswer(key) ?? .unavailable(failure)
        }
    }

    /// What was known before the source went away, as long as the grace lasts. The source is left alone for a moment, so
    /// that an outage does not put its deadline before each request.
    private func lastAnswer(_ key: String) -> Answer? {
        let now = ContinuousClock.now
        return memory.withLock { memory in
            guard var last = memory[key], now - last.vouched < grace else { return nil }
            last.restsUntil = min(now + min(interval, .seconds(10)), last.vouched + grace)
            memory[key] = last
            return .present(last.principal)
        }
    }

    private static func key(_ record: APIKeyRecord) -> String {
        // No user name has a NUL.
        "\(record.ownerSource)\0\(record.owner)"
    }
}
