import NIOSSL

/// The certificate and the key that the server shows to its clients, read from their files.
enum TLSFiles {
    /// Reads a certificate and its key.
    /// - Throws: ``ConfigurationError`` if they can't be used.
    static func context(_ tls: Configuration.TLS) throws -> NIOSSLContext {
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
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw ConfigurationError(
                place: tls.key,
                message: "is no readable private key in PEM form that fits \(tls.certificate) (\(error))")
        }
    }
}
