import Credentials
import Foundation
import SwiftASN1
import X509

/// Finds out why a server's certificate was refused: libldap says only that it was. Blocks: for a lane.
///
/// It connects once more, trusting anybody, and looks at what the server shows. Nothing is sent over that connection.
struct TLSDiagnosis {
    let url: String
    let options: DirectoryOptions

    /// Looks at the server's certificate.
    /// - Returns: what is wrong and what to do about it.
    func problem(_ deadline: Deadline) -> String {
        do throws(LDAPError) {
            guard let bytes = try connection(old: false, deadline).peerCertificate(),
                let certificate = try? Certificate(derEncoded: bytes)
            else { return "the server shows no certificate that can be read" }
            return problem(with: ServerCertificate(certificate), at: .now)
        } catch {
            return error.isTimeOut
                ? "the server does not answer in the TLS handshake" : problemWithVersion(deadline)
        }
    }

    private func connection(old: Bool, _ deadline: Deadline) throws(LDAPError) -> LDAPConnection {
        var trusting = options
        (trusting.trust, trusting.looksAtOldTLS) = (.anything, old)
        return try LDAPConnection(url, trusting, LDAPConnection.Tools(trusting), deadline)
    }

    private func problemWithVersion(_ deadline: Deadline) -> String {
        let wanted = options.minimumTLSVersion == .v1_3 ? "TLS 1.3" : "TLS 1.2"
        if let version = try? connection(old: true, deadline).tlsVersion {
            return
                "the server speaks \(version) at best, and at least \(wanted) is wanted: update it (minimumTLSVersion)"
        }
        return """
            the server speaks no TLS that can be understood: is this its TLS port, is StartTLS switched on there\
            \(options.clientCertificate == nil ? ", does it want a certificate of ours (clientCert)" : "")?
            """
    }

    private func problem(with certificate: ServerCertificate, at now: Date) -> String {
        let host = ServerAddress(url)?.host ?? ""
        let what =
            switch certificate.fault(of: host, at: now) {
            case .expired:
                "the certificate has expired: renew it on the server"
            case .notYetValid:
                "the certificate is not valid yet: is the clock of this machine right, or the server's when it was made?"
            case .otherHost:
                "the certificate is for another host than '\(host)': connect by a name that it has, or renew it with this one"
            case .selfSigned:
                "the certificate is self-signed and is not trusted: name it in caCert, if it is the right one"
            case .unknownAuthority:
                """
                its authority is not trusted: name the PEM file of the authority in caCert, and let the server send the \
                certificates between
                """
            }
        return "\(what) (\(certificate))"
    }
}
