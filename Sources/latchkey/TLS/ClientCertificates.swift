import AuthService
import Foundation
import NIOSSL
import SwiftASN1
import X509

/// Says whose certificate a client has shown. The handshake has verified it by then.
struct ClientCertificates: Sendable {
    private let rules: CertificateRules
    private let revoked: [RevocationList]

    /// - Parameters:
    ///   - rules: what of a certificate says who it is.
    ///   - tls: where the files are.
    /// - Throws: ``ConfigurationError`` for a list of revoked certificates that can't be used.
    init(_ rules: CertificateRules, _ tls: Configuration.TLS) throws {
        self.rules = rules
        guard let authority = tls.clientAuthority, !tls.revocationLists.isEmpty else {
            revoked = []
            return
        }
        let authorities = try NIOSSLCertificate.fromPEMFile(authority).map { certificate in
            try Certificate(derEncoded: try certificate.toDERBytes())
        }
        revoked = try tls.revocationLists.map { path in
            guard let bytes = FileManager.default.contents(atPath: path) else {
                throw ConfigurationError(place: path, message: "can't be read: check the path and its permissions")
            }
            do throws(RevocationList.Problem) {
                return try RevocationList(Array(bytes), signedBy: authorities)
            } catch {
                throw ConfigurationError(place: path, message: "\(error)")
            }
        }
    }

    /// Whose certificate it is.
    /// - Parameter peer: the certificate, in DER.
    func judge(_ peer: [UInt8], at now: Date = .now) -> ClientCertificate {
        guard let certificate = try? Certificate(derEncoded: peer) else { return .unusable }
        let lists = revoked.filter { $0.issuer == certificate.issuer }
        // An authority with a list that is too old may have revoked it meanwhile.
        guard revoked.isEmpty || !lists.isEmpty, !lists.contains(where: { $0.nextUpdate.map { $0 < now } ?? false })
        else {
            return .unusable
        }
        guard !lists.contains(where: { $0.contains(certificate) }), let name = rules.userName(of: certificate) else {
            return .unusable
        }
        return .user(name)
    }
}
