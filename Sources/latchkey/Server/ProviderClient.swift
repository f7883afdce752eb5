import AsyncHTTPClient
import Credentials
import NIOSSL

/// The HTTP clients that ask identity providers and issuers of tokens: made when they are needed first, and shut down at the end.
final class ProviderClient: Sendable {
    /// By the authority that they trust; none for the system's.
    private let clients = Locked<[String?: HTTPClient]>([:])

    /// A client. A provider's answer stands where it was asked for: no redirection is followed. One that is down is told at once: the browser
    /// can try again.
    /// - Parameter authority: the authority of the provider's certificate, PEM; nil for the system's.
    func get(authority: String? = nil) -> HTTPClient {
        clients.withLock { clients in
            if let client = clients[authority] { return client }
            var configuration = HTTPClient.Configuration()
            configuration.redirectConfiguration = .disallow
            configuration.connectionPool.retryConnectionEstablishment = false
            if let roots = authority.flatMap({ Self.authorities($0) }) {
                var tls = TLSConfiguration.makeClientConfiguration()
                tls.trustRoots = .certificates(roots)
                configuration.tlsConfiguration = tls
            }
            let made = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
            clients[authority] = made
            return made
        }
    }

    /// The certificates of a text in PEM.
    /// - Returns: nil if there is none.
    static func authorities(_ pem: String) -> [NIOSSLCertificate]? {
        guard let roots = try? NIOSSLCertificate.fromPEMBytes(Array(pem.utf8)), !roots.isEmpty else { return nil }
        return roots
    }

    /// Shuts them down; none may be got after that.
    func shutdown() async {
        let clients = clients.withLock { clients in
            defer { clients = [:] }
            return clients
        }
        // What can't be shut down ends with the process.
        for client in clients.values { try? await client.shutdown() }
    }
}
