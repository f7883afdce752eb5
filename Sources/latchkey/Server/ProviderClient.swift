import AsyncHTTPClient
import Credentials
import NIOSSL
import OpenIDConnect

/// The HTTP clients that ask identity providers and issuers of tokens: made when they are needed first, and shut down at the end.
final class ProviderClient: Sendable {
    /// What tells one client from another.
    private struct Kind: Hashable {
        /// The authority that it trusts, PEM; nil for the system's.
        var authority: String?
        /// The proxy that it goes through; nil for none.
        var proxy: ProxyRules.Proxy?
    }

    /// Connections to one host: as many as come back from a login at once, and some for what else a provider is asked.
    private static let connectionsPerHost = 96

    private let proxies: ProxyRules
    /// Nil once it is shut down.
    private let clients = Locked<[Kind: HTTPClient]?>([:])
    /// How long the end waits for connections that are being made: one that nobody answers is not given up by the library in time.
    private static let patience = Duration.seconds(2)

    /// - Parameter proxies: through which proxy which address is asked.
    init(_ proxies: ProxyRules = ProxyRules()) { self.proxies = proxies }

    /// What asks a provider.
    /// - Parameter authority: the authority of the provider's certificate, PEM; nil for the system's.
    func transport(authority: String? = nil) -> HTTPTransport {
        HTTPTransport(
            client: { self.client(Kind(authority: authority, proxy: self.proxies.proxy(for: $0))) },
            diagnose: { url in
                // Whatever a proxy lets through: its own certificate may stand there.
                guard self.proxies.proxy(for: url) == nil else {
                    return "TLS with it fails through the proxy: is its certificate of an authority that is named here?"
                }
                return await CertificateDiagnosis(url: url, hasOwnAuthority: authority != nil)?.problem()
            })
    }

    /// A client. A provider's answer stands where it was asked for: no redirection is followed. One that is down is told at once: the browser
    /// can try again.
    /// - Returns: nil once they are shut down: those whose turn comes then must not begin a whole new question.
    private func client(_ kind: Kind) -> HTTPClient? {
        clients.withLock { clients in
            guard clients != nil else { return nil }
            if let client = clients?[kind] { return client }
            var configuration = HTTPClient.Configuration()
            configuration.redirectConfiguration = .disallow
            configuration.connectionPool.retryConnectionEstablishment = false
            configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = Self.connectionsPerHost
            if let roots = kind.authority.flatMap({ Self.authorities($0) }) {
                var tls = TLSConfiguration.makeClientConfiguration()
                tls.trustRoots = .certificates(roots)
                configuration.tlsConfiguration = tls
            }
            configuration.proxy = kind.proxy.map { proxy in
                .server(
                    host: proxy.host, port: proxy.port,
                    authorization: proxy.user.map { .basic(username: $0, password: proxy.password) })
            }
            let made = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
            clients?[kind] = made
            return made
        }
    }

    /// The certificates of a text in PEM.
    /// - Returns: nil if there is none.
    static func authorities(_ pem: String) -> [NIOSSLCertificate]? {
        guard let roots = try? NIOSSLCertificate.fromPEMBytes(Array(pem.utf8)), !roots.isEmpty else { return nil }
        return roots
    }

    /// Shuts them down; none may be got after that. Questions that are under way end at once, and what can't be shut down in time ends with the
    /// process.
    func shutdown() async {
        let ended = clients.withLock { clients in
            defer { clients = nil }
            return clients.map { Array($0.values) } ?? []
        }
        _ = await TimeLimit.wait(Self.patience) {
            await withTaskGroup { clients in
                for client in ended { clients.addTask { try? await client.shutdown() } }
            }
        }
    }
}
