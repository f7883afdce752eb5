import Credentials
import Synchronization

/// One server of a directory: its connections, and how it is doing.
///
/// A bind changes who a connection is, so the connections that search and those that try passwords never mix.
final class DirectoryServer: Sendable {
    /// What a connection is for.
    enum Purpose: Sendable {
        /// Bound as the service account.
        case search
        /// Bound as one user after another.
        case userBind
    }

    /// Its URL: `ldap://` or `ldaps://`, host and port.
    let url: String
    private let searching: ConnectionPool
    private let binding: ConnectionPool
    private let responsiveness = Responsiveness()
    private let health = Locked(ServerHealth())
    /// Whether there is anything in `health`: spares the others its lock.
    private let isFailing = Atomic(false)
    private let failure = Locked<LDAPError?>(nil)

    init(url: String, _ options: DirectoryOptions) {
        self.url = url
        searching = ConnectionPool(maximumIdle: options.maximumIdle) { (deadline) throws(LDAPError) in
            let connection = try LDAPConnection(url, options, deadline)
            do throws(LDAPError) {
                if let account = options.serviceAccount {
                    _ = try connection.bind(account.bindDN, account.password, deadline)
                }
                return connection
            } catch {
                throw error.whileConnecting()
            }
        }
        binding = ConnectionPool(maximumIdle: options.maximumIdle) { (deadline) throws(LDAPError) in
            try LDAPConnection(url, options, deadline)
        }
    }

    /// What may be expected of it.
    var prospect: ServerHealth.Prospect {
        if isFailing.load(ordering: .relaxed) { return health.withLock { $0.prospect } }
        return responsiveness.isSuspect(at: .now) ? .suspect : .good
    }

    /// Whether it has rested for long enough to be probed.
    var isDueForProbe: Bool { health.withLock { $0.isDueForProbe(at: .now) } }

    /// Why it failed last.
    var lastFailure: LDAPError? { failure.withLock { $0 } }

    /// Does something with a connection of this server, and notes how the server took it.
    func with<T>(
        _ purpose: Purpose, _ deadline: Deadline, _ body: (LDAPConnection) throws(LDAPError) -> T
    ) throws(LDAPError) -> T {
        let start = ContinuousClock.now
        responsiveness.begin(at: start)
        do {
            let result = try (purpose == .search ? searching : binding).with(deadline, body)
            answered()
            return result
        } catch {
            if error.isFailureOfServer { failed(error, since: start) } else { answered() }
            throw error
        }
    }

    private func answered() {
        responsiveness.end(at: .now, isAnswer: true)
        guard isFailing.load(ordering: .relaxed) else { return }
        health.withLock { health in
            health.answered()
            isFailing.store(false, ordering: .relaxed)
        }
    }

    private func failed(_ error: LDAPError, since start: ContinuousClock.Instant) {
        let now = ContinuousClock.now
        responsiveness.end(at: now, isAnswer: false)
        failure.withLock { $0 = error }
        health.withLock { health in
            health.failed(at: now, after: error.isCheap ? now - start : nil)
            isFailing.store(true, ordering: .relaxed)
        }
    }

    /// Closes connections that nobody has used for too long.
    func closeIdle() {
        searching.closeIdle()
        binding.closeIdle()
    }
}
