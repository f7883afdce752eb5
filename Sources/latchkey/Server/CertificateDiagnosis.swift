import Credentials
import Foundation
import LDAPDirectory
import NIOCore
import NIOPosix
import NIOSSL
import SwiftASN1
import X509

/// Finds out why a provider's certificate was refused: what the TLS library says of it is a number.
///
/// It connects once more and looks at what the server shows. Nothing is sent over that connection, and it ends there.
struct CertificateDiagnosis {
    private static let limit = TimeAmount.seconds(4)

    private let host: String
    private let port: Int
    private let hasOwnAuthority: Bool

    /// - Parameters:
    ///   - url: an address of https.
    ///   - hasOwnAuthority: whether the operator has named the authority that is trusted.
    /// - Returns: nil for an address that has no host.
    init?(url: String, hasOwnAuthority: Bool) {
        guard let parts = URLComponents(string: url), let host = parts.host, !host.isEmpty else { return nil }
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        port = parts.port ?? 443
        self.hasOwnAuthority = hasOwnAuthority
    }

    /// Looks at the certificate.
    /// - Returns: what is wrong and what to do about it; nil if the server shows none.
    func problem() async -> String? {
        guard let shown = await shown(), let certificate = try? Certificate(derEncoded: shown) else {
            return "TLS with it fails before it shows a certificate: does this port speak TLS 1.2 or later?"
        }
        return problem(with: ServerCertificate(certificate), at: .now)
    }

    /// The certificate that the server shows, whoever has signed it.
    private func shown() async -> [UInt8]? {
        let shown = Locked<[UInt8]?>(nil)
        // A server is told no address as its name (RFC 6066, 3).
        let name = IPAddress(host) == nil ? host : nil
        do {
            let context = try NIOSSLContext(configuration: .makeClientConfiguration())
            let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connectTimeout(Self.limit)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let look: NIOSSLCustomVerificationCallback = { certificates, promise in
                            shown.withLock { $0 = try? certificates.first?.toDERBytes() }
                            promise.succeed(.failed)
                        }
                        let handler = try NIOSSLClientHandler(
                            context: context, serverHostname: name, customVerificationCallback: look)
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                }.connect(host: host, port: port).get()
            channel.eventLoop.scheduleTask(in: Self.limit) { channel.close(promise: nil) }
            try await channel.closeFuture.get()
        } catch {
            // That it fails is meant.
        }
        return shown.withLock { $0 }
    }

    private func problem(with certificate: ServerCertificate, at now: Date) -> String {
        let what =
            switch certificate.fault(of: host, at: now) {
            case .expired:
                "its certificate has expired: renew it there"
            case .notYetValid:
                "its certificate is not valid yet: is the clock of this machine right, or the provider's when it was made?"
            case .otherHost:
                "its certificate is for another host than '\(host)': name the provider by one that it has, or renew it with this one"
            case .selfSigned where hasOwnAuthority, .unknownAuthority where hasOwnAuthority:
                "its certificate is not of the authority that certificateAuthority or certificateAuthorityFile names"
            case .selfSigned:
                "its certificate is self-signed and is not trusted: name it in certificateAuthorityFile, if it is the right one"
            case .unknownAuthority:
                """
                the authority of its certificate is not trusted: name the PEM file of the authority in certificateAuthorityFile, and let \
                the server send the certificates between
                """
            }
        return "\(what) (\(certificate))"
    }
}
