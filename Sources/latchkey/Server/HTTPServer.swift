import AuthService
import Credentials
import HTTPTypes
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import ServiceLifecycle

/// The HTTP server: Hummingbird's, with a handler in front that answers known credentials on the event loop.
enum HTTPServer {
    /// A connection on which nothing happens is closed after this.
    private static let idleTimeout = TimeAmount.seconds(75)

    /// Makes the server.
    /// - Parameters:
    ///   - service: answers the requests.
    ///   - configuration: where to listen, and with which certificate.
    ///   - logger: where the server's own lines go.
    ///   - onRunning: told the address once the server listens.
    /// - Throws: ``ConfigurationError`` if the certificate or its key can't be used.
    static func make(
        _ service: AuthService, _ configuration: Configuration, logger: Logger,
        onRunning: @escaping @Sendable (String) -> Void
    ) throws -> any Service {
        let http = HTTPServerBuilder.http1(
            configuration: .init(
                additionalChannelHandlers: [KnownCredentialHandler(service: service, idleTimeout: idleTimeout)]))
        let builder = try configuration.tls.map { try HTTPServerBuilder.tls(http, tlsConfiguration: tls($0)) } ?? http
        let address: BindAddress =
            switch configuration.listen {
            case .tcp(let host, let port): .hostname(host, port: port)
            case .unix(let path): .unixDomainSocket(path: path)
            }
        return try builder.buildServer(
            configuration: .init(address: address, backlog: 4096),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger,
            responder: { request, writer, channel in
                let peer = channel.remoteAddress?.ipAddress.flatMap { IPAddress($0) }
                let response = await service.answer(AuthRequest(request.head, peer: peer)) { limit in
                    try await read(request.body, upTo: limit)
                }
                let body =
                    request.method == .head
                    ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(bytes: response.body))
                try await writer.write(response: response.head, body: body)
            },
            onServerRunning: { onRunning(describe($0.localAddress, hasTLS: configuration.tls != nil)) })
    }

    private static func describe(_ address: SocketAddress?, hasTLS: Bool) -> String {
        guard let address, let host = address.ipAddress, let port = address.port else {
            return "unix:\(address?.pathname ?? "")"
        }
        return "\(hasTLS ? "https" : "http")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }

    /// A whole body; nil if it is longer than the limit.
    private static func read(_ body: RequestBody, upTo limit: Int) async throws -> [UInt8]? {
        var bytes: [UInt8] = []
        for try await part in body {
            guard bytes.count + part.readableBytes <= limit else { return nil }
            bytes.append(contentsOf: part.readableBytesView)
        }
        return bytes
    }

    /// Tries a certificate and its key.
    /// - Throws: ``ConfigurationError`` if they can't be used.
    static func checkTLS(_ tls: Configuration.TLS) throws {
        _ = try self.tls(tls)
    }

    private static func tls(_ tls: Configuration.TLS) throws -> TLSConfiguration {
        let chain: [NIOSSLCertificateSource]
        do {
            chain = try NIOSSLCertificate.fromPEMFile(tls.certificate).map { .certificate($0) }
        } catch {
            throw ConfigurationError(
                place: tls.certificate, message: "is no readable certificate in PEM form (\(error))")
        }
        do {
            let key = try NIOSSLPrivateKey(file: tls.key, format: .pem)
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain, privateKey: .privateKey(key))
            configuration.minimumTLSVersion = .tlsv12
            _ = try NIOSSLContext(configuration: configuration)
            return configuration
        } catch {
            throw ConfigurationError(
                place: tls.key,
                message: "is no readable private key in PEM form that fits \(tls.certificate) (\(error))")
        }
    }
}
