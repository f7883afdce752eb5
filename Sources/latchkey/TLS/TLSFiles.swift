import Foundation
import NIOSSL
import SwiftASN1
import X509

/// The certificate and the key that the server shows to its clients, and the authority of its clients' certificates, read from their files.
enum TLSFiles {
    /// What TLS 1.2 may use: keys that are made anew for each connection, and ciphers that vouch for what they encrypt (RFC 9325, 4.2). TLS 1.3 has no
    /// others.
    private static let ciphers: [NIOTLSCipher] = [
        .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    ]

    /// Reads what a listener needs for TLS.
    /// - Parameter speaksHTTP2: whether clients may choose HTTP/2.
    /// - Throws: ``ConfigurationError`` if it can't be used.
    static func context(_ tls: Configuration.TLS, speaksHTTP2: Bool = true) throws -> NIOSSLContext {
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
            configuration.minimumTLSVersion = tls.minimumVersion == .tls13 ? .tlsv13 : .tlsv12
            configuration.cipherSuiteValues = ciphers
            configuration.applicationProtocols = speaksHTTP2 ? ["h2", "http/1.1"] : ["http/1.1"]
            if let authority = tls.clientAuthority {
                // Whoever shows none has no credential by it; one that is not the authority's ends the handshake.
                configuration.certificateVerification = .optionalVerification
                configuration.trustRoots = .certificates(try authorities(authority))
            }
            return try NIOSSLContext(configuration: configuration)
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw ConfigurationError(
                place: tls.key,
                message: "is no readable private key in PEM form that fits \(tls.certificate) (\(error))")
        }
    }

    /// Until when the certificate is good that clients are shown; nil if it can't be read.
    static func expiry(_ tls: Configuration.TLS) -> Date? {
        guard let first = try? NIOSSLCertificate.fromPEMFile(tls.certificate).first, let bytes = try? first.toDERBytes()
        else {
            return nil
        }
        return try? Certificate(derEncoded: bytes).notValidAfter
    }

    private static func authorities(_ path: String) throws -> [NIOSSLCertificate] {
        do {
            return try NIOSSLCertificate.fromPEMFile(path)
        } catch {
            throw ConfigurationError(place: path, message: "is no readable certificate in PEM form (\(error))")
        }
    }
}
