import AuthService
import NIOCore
import NIOHTTP1
import NIOSSL

extension ListeningServer {
    /// The HTTP server: HTTP/1.1, with or without TLS, each connection's requests answered by ``RequestHandler``.
    /// - Parameters:
    ///   - service: answers the requests.
    ///   - listen: where it listens.
    ///   - tls: the certificate that it shows; nil for plain HTTP.
    ///   - timeouts: how long connections may keep it waiting.
    ///   - onRunning: told the address once the server listens.
    /// - Throws: ``ConfigurationError`` if the certificate or its key can't be used.
    static func http(
        _ service: AuthService, listen: Configuration.Listen, tls: Configuration.TLS? = nil,
        timeouts: ConnectionTimeouts = .init(), onRunning: @escaping @Sendable (String) -> Void
    ) throws -> ListeningServer {
        let tlsContext = try tls.map { try TLSFiles.context($0) }
        return ListeningServer(
            service, listen: listen, scheme: tlsContext == nil ? "http" : "https", onRunning: onRunning
        ) { channel, loop, limit in
            let pipeline = channel.pipeline.syncOperations
            if let tlsContext { try pipeline.addHandler(NIOSSLServerHandler(context: tlsContext)) }
            // What is accepted of a header is bounded by the parser's own limits (80 KiB).
            try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)))
            try pipeline.addHandler(RequestHandler(service: service, loop: loop, limit: limit, timeouts: timeouts))
        }
    }
}
