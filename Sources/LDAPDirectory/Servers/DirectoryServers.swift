import Credentials
import Synchronization

/// The servers of a directory: which one to ask, and whom to turn to when it fails.
final class DirectoryServers: Sendable {
    private let options: DirectoryOptions
    private let tools: LDAPConnection.Tools
    private let accounts: ServiceAccounts
    private let turn = Atomic<Int>(0)
    /// Those that are configured.
    private let configured: [DirectoryServer]
    /// Those that the DNS has named.
    private let known = Locked<[DirectoryServer]>([])
    private let discoveredAt = Locked<ContinuousClock.Instant?>(nil)
    /// How long the answer of the DNS is used.
    private static let discoveryLifetime = Duration.seconds(300)

    init(_ options: DirectoryOptions) {
        self.options = options
        let (tools, accounts) = (LDAPConnection.Tools(options), ServiceAccounts(options))
        (self.tools, self.accounts) = (tools, accounts)
        configured = options.urls.map { DirectoryServer(url: $0, options, tools, accounts) }
    }

    /// Does something with the best server, or the next one if that fails.
    ///
    /// Servers share what is left of the deadline, so that a silent one leaves the next its time.
    /// - Parameters:
    ///   - purpose: what the connection is for.
    ///   - preferred: a server to begin with: the one that answered the step before.
    ///   - deadline: when there is no time left.
    ///   - body: what to do, and when it must be done.
    /// - Returns: what `body` returned, and the server that it was done on.
    func with<T>(
        _ purpose: DirectoryServer.Purpose, preferring preferred: DirectoryServer? = nil, _ deadline: Deadline,
        _ body: (LDAPConnection, Deadline) throws(LDAPError) -> T
    ) throws(LDAPError) -> (T, DirectoryServer) {
        var last: LDAPError?
        let servers = try order(preferred, deadline)
        for (index, server) in servers.enumerated() where !(last != nil && deadline.hasPassed) {
            // What is left for this server and for each one after it.
            let share = deadline.part(of: servers.count - index)
            do throws(LDAPError) {
                let result = try server.with(purpose, connecting: share) { (connection) throws(LDAPError) in
                    try body(connection, purpose == .search ? share : deadline)
                }
                return (result, server)
            } catch {
                guard error.mayBeRepeated(purpose) else { throw error }
                last = error
            }
        }
        throw last ?? all().compactMap(\.lastFailure).first ?? .nobody
    }

    /// Searches on the best server.
    /// - Returns: the entries, and the server that has answered.
    func search(
        _ request: SearchRequest, _ deadline: Deadline
    ) throws(LDAPError) -> ([LDAPConnection.Entry], DirectoryServer) {
        try with(.search, deadline) { (connection, deadline) throws(LDAPError) in
            try connection.search(request, deadline)
        }
    }

    /// Reads the service account's file again if it has changed, and lets servers that have refused it be tried again.
    /// - Throws: what is wrong with the file; the account of before stays in force.
    func refreshServiceAccount() throws {
        guard try accounts.refreshIfChanged() else { return }
        all().forEach { $0.forgive() }
    }

    /// All servers that are known.
    func all() -> [DirectoryServer] { options.domain == nil ? configured : known.withLock { $0 } }

    /// Closes what is idle, and probes servers that have rested. Blocks up to the deadlines of connections.
    func maintain() {
        for server in all() {
            server.closeIdle()
            guard server.isDueForProbe else { continue }
            let deadline = Deadline(in: options.connectTimeout + options.operationTimeout)
            _ = try? server.with(.search, connecting: deadline) { (connection) throws(LDAPError) in
                try connection.search(.init(base: ""), deadline)
            }
        }
    }

    /// The servers in the order in which they should be asked. Those that rest are left out.
    private func order(_ preferred: DirectoryServer?, _ deadline: Deadline) throws(LDAPError) -> [DirectoryServer] {
        var servers = try discovered(deadline)
        if options.serverOrder == .roundRobin, servers.count > 1, preferred == nil {
            let first = turn.add(1, ordering: .relaxed).oldValue % servers.count
            servers = Array(servers[first...] + servers[..<first])
        }
        if let preferred, let place = servers.firstIndex(where: { $0 === preferred }) {
            servers.insert(servers.remove(at: place), at: 0)
        }
        if servers.count == 1 { return servers.filter { $0.prospect != .resting } }
        let prospects = servers.map { ($0, $0.prospect) }
        // A stable sort: among equals the configured order stays.
        return [ServerHealth.Prospect.good, .suspect, .failsFast].flatMap { prospect in
            prospects.filter { $0.1 == prospect }.map(\.0)
        }
    }

    private func discovered(_ deadline: Deadline) throws(LDAPError) -> [DirectoryServer] {
        guard let domain = options.domain else { return configured }
        let last = discoveredAt.withLock { $0 }
        if let last, .now - last < Self.discoveryLifetime { return all() }
        let urls: [String]
        do {
            urls = try LDAPConnection.servers(ofDomain: domain).map { options.discoveredURL($0) }
        } catch {
            // The DNS is down: what it said before is better than nothing.
            let old = all()
            guard old.isEmpty else { return old }
            throw error
        }
        discoveredAt.withLock { $0 = .now }
        return known.withLock { known in
            // A server that stays keeps its connections and what is known of its health.
            known = urls.map { url in
                known.first { $0.url == url } ?? DirectoryServer(url: url, options, tools, accounts)
            }
            return known
        }
    }
}
