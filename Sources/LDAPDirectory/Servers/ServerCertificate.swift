import Credentials
package import Foundation
import SwiftASN1
package import X509

/// What an operator must know of a server's certificate to tell which one it is and what is wrong with it.
package struct ServerCertificate: CustomStringConvertible {
    private let notValidBefore: Date
    private let notValidAfter: Date
    /// Whether it names itself as its issuer.
    private let isSelfSigned: Bool
    private let subject: String
    private let issuer: String
    /// The host names and addresses that it is for.
    private let hosts: [String]

    package init(_ certificate: Certificate) {
        notValidBefore = certificate.notValidBefore
        notValidAfter = certificate.notValidAfter
        isSelfSigned = certificate.subject == certificate.issuer
        subject = "\(certificate.subject)"
        issuer = "\(certificate.issuer)"
        let alternatives = (try? certificate.extensions.subjectAlternativeNames).map { Array($0) } ?? []
        let hosts = alternatives.compactMap { name -> String? in
            switch name {
            case .dnsName(let name): name.lowercased()
            case .ipAddress(let bytes): Self.address(Array(bytes.bytes))
            default: nil
            }
        }
        // RFC 6125, 6.4.4: the common name counts only where there is no other.
        let common = DistinguishedName(subject).flatMap { $0.firstAttribute == "cn" ? $0.firstValue.lowercased() : nil }
        self.hosts = hosts.isEmpty ? [common].compactMap { $0 } : hosts
    }

    /// Whether it is for this host (RFC 6125, 6.4): by name, by a star in the place of the first label, or by address.
    package func names(_ host: String) -> Bool {
        let host = host.lowercased()
        let address = IPAddress(host)?.description
        return hosts.contains { name in
            if name == host || name == address { return true }
            guard name.hasPrefix("*."), address == nil, let dot = host.firstIndex(of: ".") else { return false }
            return host[dot...] == name.dropFirst()
        }
    }

    /// What keeps a certificate from being trusted.
    package enum Fault: Sendable {
        case expired
        case notYetValid
        case otherHost
        case selfSigned
        case unknownAuthority
    }

    /// Why a certificate was not trusted: the first thing that an operator must mend.
    /// - Parameters:
    ///   - host: the host that was asked.
    ///   - now: when that was.
    package func fault(of host: String, at now: Date) -> Fault {
        if notValidAfter < now { return .expired }
        if notValidBefore > now { return .notYetValid }
        guard names(host) else { return .otherHost }
        return isSelfSigned ? .selfSigned : .unknownAuthority
    }

    /// The certificate in words.
    package var description: String {
        let names = hosts.isEmpty ? "no host" : hosts.joined(separator: " ")
        return """
            subject \(subject), issuer \(issuer), for \(names), valid from \(notValidBefore.formatted(.iso8601)) to \
            \(notValidAfter.formatted(.iso8601))
            """
    }

    private static func address(_ bytes: [UInt8]) -> String? {
        switch bytes.count {
        case 4: bytes.map(String.init).joined(separator: ".")
        case 16:
            IPAddress(
                stride(from: 0, to: 16, by: 2).map { String(Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]), radix: 16) }
                    .joined(separator: ":"))?.description
        default: nil
        }
    }
}
