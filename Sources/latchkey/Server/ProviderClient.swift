import AsyncHTTPClient
import Credentials
import NIOSSL
import OpenIDConnect

/// The HTTP clients that ask identity providers and issuers of tokens: made when they are needed first, and shut down at the end, or when no
/// configuration names their authority any more.
final class ProviderClient: Sendable {
    /// How long the end waits for connections that are being made: one that nobody answers is not given up by the library in time.
    private static let patience = Duration.seconds(2)

    private struct Known: Sendable {
        weak var clients: AuthorityClients?
    }

    private let proxies: ProxyRules
    /// Nil once it is shut down.
    private let known = Locked<[String?: Known]?>([:])

    /// - Parameter proxies: through which proxy which address is asked.
    init(_ proxies: ProxyRules = ProxyRules()) { self.proxies = proxies }

    /// What asks a provider.
    /// - Parameter authority: the authority of the provider's certificate, PEM; nil for the system's.
    func transport(authority: String? = nil) -> HTTPTransport {
        let clients = clients(of: authority)
        return HTTPTransport(
            client: { clients?.client(through: self.proxies.proxy(for: $0)) },
            diagnose: { url in
                // Whatever a proxy lets through: its own certificate may stand there.
                guard self.proxies.proxy(for: url) == nil else {
                    return "TLS with it fails through the proxy: is its certificate of an authority that is named here?"
                }
                return await CertificateDiagnosis(url: url, hasOwnAuthority: authority != nil)?.problem()
            })
    }

    private func clients(of authority: String?) -> AuthorityClients? {
        known.withLock { known in
            guard known != nil else { return nil }
            if let clients = known?[authority]?.clients { return clients }
            let made = AuthorityClients(authority)
            known = known?.filter { $0.value.clients != nil }
            known?[authority] = Known(clients: made)
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
        let ended = known.withLock { known in
            defer { known = nil }
            return known.map { $0.values.compactMap(\.clients) } ?? []
        }
        _ = await TimeLimit.wait(Self.patience) {
            await withTaskGroup { group in
                for clients in ended { group.addTask { await clients.shutdown() } }
            }
        }
    }
}
