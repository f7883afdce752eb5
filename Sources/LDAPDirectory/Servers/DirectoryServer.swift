import Credentials
import Synchronization

/// One server of a directory: its connections, and how it is doing.
///
/// A bind changes who a connection is, so the connections that search and those that try passwords never mix.
final class DirectoryServer: Sendable {
    /// What a connection is for.
    enum Purpose: Sendable {
        /// Bound as the service account. What it does may be done again.
        case search
        /// Bound as one user after another. What happens in a user's own bind says something of that user, not of the
        /// server.
        case userBind
    }

    /// Its URL: `ldap://` or `ldaps://`, host and port.
    let url: String
    private let options: DirectoryOptions
    private let tools: LDAPConnection.Tools
    private let accounts: ServiceAccounts
    private let searching: ConnectionPool
    private let binding: ConnectionPool
    private let responsiveness = Responsiveness()
    private let health = Locked(ServerHealth())
    /// Whether there is anything in `health`: spares the others its lock.
    private let isFailing = Atomic(false)
    private let failure = Locked<LDAPError?>(nil)
    private let diagnosis = Locked<(at: ContinuousClock.Instant, text: String)?>(nil)
    private let counters = ServerCounters()
    /// How long a look at a certificate that was refused is good for.
    private static let diagnosisLifetime = Duration.seconds(60)

    init(url: String, _ options: DirectoryOptions, _ tools: LDAPConnection.Tools, _ accounts: ServiceAccounts) {
        self.url = url
        self.options = options
        self.tools = tools
        self.accounts = accounts
        searching = ConnectionPool(maximumIdle: options.maximumIdle)
        binding = ConnectionPool(maximumIdle: options.maximumIdle)
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

    /// Its counters, and how it is doing now.
    var status: DirectoryServerStatus {
        let state: DirectoryServerStatus.State =
            switch prospect {
            case .good: .good
            case .suspect: .suspect
            case .failsFast, .resting: .failing
            }
        return counters.status(url: url, state: state, idle: searching.count + binding.count)
    }

    /// Does something with a connection of this server, and notes how the server took it.
    ///
    /// If a kept connection turns out to be dead, all of its age are closed, and `body` is run once more on a new one where
    /// it may be (see ``LDAPError/mayBeRepeated(_:)``).
    /// - Parameters:
    ///   - purpose: what the connection is for.
    ///   - connecting: when there is no time left to connect.
    ///   - body: what to do; it keeps to deadlines of its own.
    func with<T>(
        _ purpose: Purpose, connecting: Deadline, _ body: (LDAPConnection) throws(LDAPError) -> T
    ) throws(LDAPError) -> T {
        let pool = purpose == .search ? searching : binding
        guard let kept = pool.take() else { return try onNewConnection(purpose, connecting, body) }
        let start = ContinuousClock.now
        do throws(LDAPError) {
            return try noting(purpose, since: start) { () throws(LDAPError) in try pool.use(kept, body) }
        } catch {
            guard error.isFailureOfServer else { throw error }
            if kept.isBroken, error.isTimeOut || error.isUnacknowledged || kept.isKept { condemn(before: start) }
            // A server that is busy, on a connection that stands, is busy on another one too.
            guard kept.isBroken, error.mayBeRepeated(purpose), !connecting.hasPassed else {
                note(purpose, error, since: start)
                throw error
            }
            return try onNewConnection(purpose, connecting, body)
        }
    }

    private func onNewConnection<T>(
        _ purpose: Purpose, _ deadline: Deadline, _ body: (LDAPConnection) throws(LDAPError) -> T
    ) throws(LDAPError) -> T {
        let start = ContinuousClock.now
        do throws(LDAPError) {
            let connection = try waiting(since: start) { () throws(LDAPError) in try connect(purpose, deadline) }
            return try noting(purpose, since: start) { () throws(LDAPError) in
                try (purpose == .search ? searching : binding).use(connection, body)
            }
        } catch {
            note(purpose, error, since: start)
            throw error
        }
    }

    /// Runs a step. An answer is noted; a failure is left to the caller, who may know better.
    private func noting<T>(
        _ purpose: Purpose, since start: ContinuousClock.Instant, _ step: () throws(LDAPError) -> T
    ) throws(LDAPError) -> T {
        guard purpose == .search else { return try step() }
        return try waiting(since: start) { () throws(LDAPError) in
            do throws(LDAPError) {
                let result = try step()
                answered()
                return result
            } catch {
                if !error.isFailureOfServer { answered() }
                throw error
            }
        }
    }

    /// Lets others see that somebody waits for this server.
    private func waiting<T>(
        since start: ContinuousClock.Instant, _ step: () throws(LDAPError) -> T
    ) throws(LDAPError) -> T {
        responsiveness.begin(at: start)
        do throws(LDAPError) {
            let result = try step()
            finish(since: start, isAnswer: true)
            return result
        } catch {
            finish(since: start, isAnswer: !error.isFailureOfServer)
            throw error
        }
    }

    private func finish(since start: ContinuousClock.Instant, isAnswer: Bool) {
        let now = ContinuousClock.now
        responsiveness.end(at: now, isAnswer: isAnswer)
        if isAnswer { counters.answered(in: now - start) }
    }

    private func answered() {
        guard isFailing.load(ordering: .relaxed) else { return }
        health.withLock { health in
            health.answered()
            isFailing.store(false, ordering: .relaxed)
        }
    }

    /// A server rests only for what it fails to do for us.
    private func note(_ purpose: Purpose, _ error: LDAPError, since start: ContinuousClock.Instant) {
        guard error.isFailureOfServer, purpose == .search || error.stage != nil else { return }
        counters.failed()
        failure.withLock { $0 = error }
        let now = ContinuousClock.now
        health.withLock { health in
            health.failed(at: now, after: error.isCheap ? now - start : nil)
            isFailing.store(true, ordering: .relaxed)
        }
    }

    private func connect(_ purpose: Purpose, _ deadline: Deadline) throws(LDAPError) -> LDAPConnection {
        let connection: LDAPConnection
        do throws(LDAPError) {
            connection = try LDAPConnection(url, options, tools, deadline)
        } catch {
            counters.refused()
            guard error.stage == .tls, !error.isTimeOut else { throw error }
            throw error.adding(certificateProblem(deadline))
        }
        counters.connected()
        guard purpose == .search else { return connection }
        do throws(LDAPError) {
            try bindServiceAccount(connection, deadline)
        } catch {
            throw error.at(.serviceBind)
        }
        return connection
    }

    /// Binds as the service account. A password that is refused may have been replaced: it is read again, once.
    private func bindServiceAccount(_ connection: LDAPConnection, _ deadline: Deadline) throws(LDAPError) {
        guard let account = accounts.current else { return }
        do throws(LDAPError) {
            _ = try connection.bind(account.bindDN, account.password, deadline)
        } catch {
            guard error.code == LDAPError.invalidCredentials, (try? accounts.refresh()) == true,
                let account = accounts.current
            else { throw error }
            _ = try connection.bind(account.bindDN, account.password, deadline)
        }
    }

    /// What is wrong with the certificate that the server shows; looked at once a minute.
    private func certificateProblem(_ deadline: Deadline) -> String {
        if let last = diagnosis.withLock({ $0 }), .now - last.at < Self.diagnosisLifetime { return last.text }
        let text = TLSDiagnosis(url: url, options: options).problem(deadline)
        diagnosis.withLock { $0 = (.now, text) }
        return text
    }

    /// Closes what was kept since before a moment, in both pools.
    private func condemn(before moment: ContinuousClock.Instant) {
        searching.close(before: moment)
        binding.close(before: moment)
    }

    /// Lets it be tried again at once: what kept it from working has been changed.
    func forgive() {
        health.withLock { $0.forgive(at: .now) }
    }

    /// Closes connections that nobody has used for too long.
    func closeIdle() {
        searching.closeIdle()
        binding.closeIdle()
    }
}
