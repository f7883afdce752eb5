import AsyncHTTPClient
import Credentials
import NIOSSL

/// The HTTP clients that trust one authority, one for each proxy. They are shut down when nothing has this any more: the configuration that named
/// the authority is gone, and the file that it stands in has another by now.
final class AuthorityClients: Sendable {
    /// Connections to one host: as many as come back from a login at once, and some for what else a provider is asked.
    private static let connectionsPerHost = 96

    private let authority: String?
    /// Nil once they are shut down.
    private let clients = Locked<[ProxyRules.Proxy?: HTTPClient]?>([:])

    /// - Parameter authority: PEM; nil for the system's.
    init(_ authority: String?) { self.authority = authority }

    deinit {
        let ended = take()
        guard !ended.isEmpty else { return }
        Task { await Self.shutdown(ended) }
    }

    /// A client. A provider's answer stands where it was asked for: no redirection is followed. One that is down is told at once: the browser
    /// can try again.
    /// - Parameter proxy: the proxy that it goes through; nil for none.
    /// - Returns: nil once they are shut down: those whose turn comes then must not begin a whole new question.
    func client(through proxy: ProxyRules.Proxy?) -> HTTPClient? {
        clients.withLock { clients in
            guard clients != nil else { return nil }
            if let client = clients?[proxy] { return client }
            let made = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration(proxy))
            clients?[proxy] = made
            return made
        }
    }

    private func configuration(_ proxy: ProxyRules.Proxy?) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = Self.connectionsPerHost
        if let roots = authority.flatMap({ ProviderClient.authorities($0) }) {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .certificates(roots)
            configuration.tlsConfiguration = tls
        }
        configuration.proxy = proxy.map { proxy in
            .server(
                host: proxy.host, port: proxy.port,
                authorization: proxy.user.map { .basic(username: $0, password: proxy.password) })
        }
        return configuration
    }

    /// Shuts them down; none may be got after that.
    func shutdown() async { await Self.shutdown(take()) }

    private func take() -> [HTTPClient] {
        clients.withLock { clients in
            defer { clients = nil }
            return clients.map { Array($0.values) } ?? []
        }
    }

    private static func shutdown(_ clients: [HTTPClient]) async {
        await withTaskGroup { group in
            // What can't be shut down ends with the process.
            for client in clients { group.addTask { try? await client.shutdown() } }
        }
    }
}
