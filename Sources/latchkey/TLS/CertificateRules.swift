import Foundation
import X509

/// What of a client's certificate says who it is: zot's `http.auth.mtls`.
///
/// The attributes are tried in their order; the first that yields a name is taken.
struct CertificateRules: Sendable {
    /// Where a name may stand.
    enum Attribute: String, Sendable, CaseIterable {
        case commonName, subject, email, uri, dnsName

        /// Reads a name of an attribute as zot takes it, without regard to case.
        init?(zot name: String) {
            switch name.lowercased() {
            case "commonname", "cn": self = .commonName
            case "subject", "dn": self = .subject
            case "email", "rfc822name": self = .email
            case "uri", "url": self = .uri
            case "dnsname", "dns": self = .dnsName
            default: return nil
            }
        }
    }

    var attributes: [Attribute] = [.commonName]
    /// What a URI must be as a whole; its first group is the name. zot looks for it anywhere in the URI, and so takes
    /// `evil://x/spiffe://example.org/admin` for `spiffe://example.org/admin`.
    var uriPattern: NSRegularExpression?
    /// Which of several names of a kind counts, from 0.
    var uriIndex = 0
    var dnsIndex = 0
    var emailIndex = 0

    /// Compiles a pattern of URIs so that it must fit as a whole.
    static func compile(_ pattern: String) throws -> NSRegularExpression {
        try NSRegularExpression(pattern: "\\A(?:\(pattern))\\z")
    }

    /// Who a certificate is of.
    /// - Returns: nil if no attribute yields a name.
    func userName(of certificate: Certificate) -> String? {
        attributes.lazy.compactMap { name($0, certificate) }.first { !$0.isEmpty }
    }

    private func name(_ attribute: Attribute, _ certificate: Certificate) -> String? {
        func alternative(_ index: Int, _ read: (GeneralName) -> String?) -> String? {
            let names = (try? certificate.extensions.subjectAlternativeNames)?.flatMap { Array($0) } ?? []
            let found = names.compactMap(read)
            return found.indices.contains(index) ? found[index] : nil
        }
        switch attribute {
        case .commonName:
            let values = certificate.subject.flatMap { Array($0) }.filter { $0.type == .RDNAttributeType.commonName }
            // Go takes the last one; of several, which is meant would be a guess.
            // The value as it is, and not as a DN writes it (RFC 4514, 2.4): to that, a comma has a stroke before it.
            return values.count == 1 ? NameString.text(of: values[0].value) : nil
        case .subject:
            // As RFC 4514 and Go write it: the last part first.
            let text = DistinguishedName(certificate.subject.reversed()).description
            return text.isEmpty || text.unicodeScalars.contains("\u{FFFD}") ? nil : text
        case .email: return alternative(emailIndex) { if case .rfc822Name(let name) = $0 { name } else { nil } }
        case .dnsName: return alternative(dnsIndex) { if case .dnsName(let name) = $0 { name } else { nil } }
        case .uri:
            let uri = alternative(uriIndex) { if case .uniformResourceIdentifier(let name) = $0 { name } else { nil } }
            guard let uri, let uriPattern else { return uri }
            let whole = NSRange(uri.startIndex..., in: uri)
            guard let match = uriPattern.firstMatch(in: uri, range: whole), match.numberOfRanges > 1,
                let range = Range(match.range(at: 1), in: uri)
            else { return nil }
            return String(uri[range])
        }
    }
}
