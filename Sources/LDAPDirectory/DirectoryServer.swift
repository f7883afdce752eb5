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
    private let health = Locked(ServerHealth())
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
    var prospect: ServerHealth.Prospect { health.withLock { $0.prospect(at: .now) } }

    /// Whether it has rested for long enough to be probed.
    var isDueForProbe: Bool { health.withLock { $0.isDueForProbe(at: .now) } }

    /// Why it failed last.
    var lastFailure: LDAPError? { failure.withLock { $0 } }

    /// Does something with a connection of this server, and notes how the server took it.
    func with<T>(
        _ purpose: Purpose, _ deadline: Deadline, _ body: (LDAPConnection) throws(LDAPError) -> T
    ) throws(LDAPError) -> T {
        let start = ContinuousClock.now
        health.withLock { $0.begin(at: start) }
        do {
            let result = try (purpose == .search ? searching : binding).with(deadline, body)
            health.withLock { $0.answered(at: .now) }
            return result
        } catch {
            let (isFailure, isCheap) = (error.isFailureOfServer, error.isCheap)
            if isFailure { failure.withLock { $0 = error } }
            health.withLock { health in
                let now = ContinuousClock.now
                guard isFailure else { return health.answered(at: now) }
                health.failed(at: now, after: isCheap ? now - start : nil)
            }
            throw error
        }
    }

    /// Closes connections that nobody has used for too long.
    func closeIdle() {
        searching.closeIdle()
        binding.closeIdle()
    }
}
