import APIKeys
import Credentials
import Logging
import PostgreSQLStorage
import Sessions

/// What other nodes on the same database do, and what this one makes of it.
final class OtherNodes: Sendable {
    private let store: PostgreSQLStore
    private let current: @Sendable () -> Assembly
    private let logger: Logger
    /// The rules of others that were told of already.
    private let known = Locked<Set<String>>([])
    private static let maximumKnown = 64

    /// - Parameters:
    ///   - store: what the nodes share.
    ///   - logger: told where their rules differ.
    ///   - current: the parts that are in force: this goes on over reloads.
    init(_ store: PostgreSQLStore, logger: Logger, current: @escaping @Sendable () -> Assembly) {
        (self.store, self.logger, self.current) = (store, logger, current)
    }

    /// Has what this node remembers voided by what others do. Once.
    func listen() { store.listen { [self] in take($0) } }

    /// Tells others by which rules this node goes. Does not wait.
    func announce() {
        let version = current().policyVersion
        Task { await store.tell(policy: version) }
    }

    private func take(_ change: StoreChange) {
        let assembly = current()
        switch change {
        case .keys(let ids): assembly.ring?.void(ids)
        case .sessions(let ids): assembly.sessions?.void(ids)
        case .owners(let names):
            // No event loop and no lock waits for it: whoever comes meanwhile is judged as they were.
            Task { for name in names { await assembly.resolver.forget(userName: name) } }
        case .failures(let failures): failures.forEach { assembly.resolver.note($0) }
        case .policy(let version): compare(version, with: assembly.policyVersion)
        case .everything:
            assembly.ring?.void(nil)
            assembly.sessions?.void(nil)
            // It listens from now on: whoever answers is heard.
            announce()
        }
    }

    /// Tells the operator, once, where another node decides by other rules; and the other node, which may not have heard yet.
    private func compare(_ version: String, with own: String) {
        guard version != own else { return }
        let isNew = known.withLock { known in
            if known.count >= Self.maximumKnown { known = [] }
            return known.insert(version).inserted
        }
        guard isNew else { return }
        logger.warning(
            "another node decides by other rules: its http.accessControl or http.auth.apiKeys (\(version)) are not this node's (\(own)); bring the configuration to all nodes"
        )
        announce()
    }
}
