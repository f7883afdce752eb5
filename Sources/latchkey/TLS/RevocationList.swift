import Foundation
import SwiftASN1
import X509

/// The certificates that an authority has revoked (RFC 5280, 5).
struct RevocationList: Sendable {
    /// Why a list can't be used.
    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    /// Whose list it is.
    let issuer: DistinguishedName
    /// Until when it is good; nil for ever, which RFC 5280 does not allow and some authorities do.
    let nextUpdate: Date?
    private let serials: Set<[UInt8]>

    /// Reads a list, and checks that an authority has signed it.
    /// - Parameters:
    ///   - bytes: the list, in PEM or DER.
    ///   - authorities: those whose clients are let in.
    init(_ bytes: [UInt8], signedBy authorities: [Certificate]) throws(Problem) {
        do {
            let der =
                try String(validating: bytes, as: UTF8.self).flatMap { text in
                    text.contains("-----BEGIN") ? try PEMDocument(pemString: text).derBytes : nil
                } ?? bytes
            let list = try CertificateList(derEncoded: try DER.parse(der), withIdentifier: .sequence)
            let tbs = list.tbs
            guard let algorithm = list.algorithm else {
                throw Problem(description: "is signed in a way that is not known")
            }
            let signers = authorities.filter { $0.subject == tbs.issuer }
            guard
                signers.contains(where: {
                    $0.publicKey.isValidSignature(list.signature, for: list.tbsBytes, signatureAlgorithm: algorithm)
                })
            else { throw Problem(description: "is not signed by an authority of the clients") }
            (issuer, nextUpdate, serials) = (tbs.issuer, tbs.nextUpdate, tbs.serials)
        } catch let problem as Problem {
            throw problem
        } catch {
            throw Problem(description: "is no list of revoked certificates in PEM or DER: \(error)")
        }
    }

    /// Whether a certificate is one of the revoked.
    func contains(_ certificate: Certificate) -> Bool {
        serials.contains(Array(certificate.serialNumber.bytes))
    }
}

/// `CertificateList` of RFC 5280, as far as it is looked at.
private struct CertificateList: DERImplicitlyTaggable {
    static var defaultIdentifier: ASN1Identifier { .sequence }

    struct Contents {
        var issuer: DistinguishedName
        var nextUpdate: Date?
        var serials: Set<[UInt8]> = []
    }

    let tbs: Contents
    let tbsBytes: ArraySlice<UInt8>
    let algorithm: Certificate.SignatureAlgorithm?
    let signature: ArraySlice<UInt8>

    init(derEncoded node: ASN1Node, withIdentifier identifier: ASN1Identifier) throws {
        self = try DER.sequence(node, identifier: identifier) { nodes in
            guard let tbsNode = nodes.next(), let algorithmNode = nodes.next(), let signatureNode = nodes.next() else {
                throw RevocationList.Problem(description: "is cut off")
            }
            let algorithm = try DER.sequence(algorithmNode, identifier: .sequence) {
                nodes -> Certificate.SignatureAlgorithm? in
                let name = try ASN1ObjectIdentifier(derEncoded: &nodes)
                while nodes.next() != nil {}
                return Self.algorithms[name]
            }
            let signature = try ASN1BitString(derEncoded: signatureNode)
            return CertificateList(
                tbs: try Self.contents(tbsNode), tbsBytes: tbsNode.encodedBytes, algorithm: algorithm,
                signature: signature.bytes)
        }
    }

    private init(
        tbs: Contents, tbsBytes: ArraySlice<UInt8>, algorithm: Certificate.SignatureAlgorithm?,
        signature: ArraySlice<UInt8>
    ) {
        (self.tbs, self.tbsBytes, self.algorithm, self.signature) = (tbs, tbsBytes, algorithm, signature)
    }

    /// Lists are read, and never written.
    func serialize(into coder: inout DER.Serializer, withIdentifier identifier: ASN1Identifier) throws {}

    private static let algorithms: [ASN1ObjectIdentifier: Certificate.SignatureAlgorithm] = [
        [1, 2, 840, 10045, 4, 3, 2]: .ecdsaWithSHA256, [1, 2, 840, 10045, 4, 3, 3]: .ecdsaWithSHA384,
        [1, 2, 840, 10045, 4, 3, 4]: .ecdsaWithSHA512, [1, 2, 840, 113549, 1, 1, 11]: .sha256WithRSAEncryption,
        [1, 2, 840, 113549, 1, 1, 12]: .sha384WithRSAEncryption,
        [1, 2, 840, 113549, 1, 1, 13]: .sha512WithRSAEncryption,
        [1, 3, 101, 112]: .ed25519,
    ]

    private static func contents(_ node: ASN1Node) throws -> Contents {
        try DER.sequence(node, identifier: .sequence) { nodes in
            var next = nodes.next()
            // The version, which the first one leaves out.
            if next?.identifier == .integer { next = nodes.next() }
            guard next != nil, let issuer = nodes.next(), nodes.next() != nil else {
                throw RevocationList.Problem(description: "is cut off")
            }
            var contents = Contents(issuer: try DistinguishedName(derEncoded: issuer))
            var rest = nodes.next()
            if let time = rest, [.utcTime, .generalizedTime].contains(time.identifier) {
                contents.nextUpdate = try date(time)
                rest = nodes.next()
            }
            if let revoked = rest, revoked.identifier == .sequence {
                contents.serials = try DER.sequence(revoked, identifier: .sequence) { entries in
                    var serials: Set<[UInt8]> = []
                    while let entry = entries.next() {
                        try DER.sequence(entry, identifier: .sequence) { fields in
                            let serial = try ArraySlice<UInt8>(derEncoded: &fields)
                            serials.insert(Array(serial.drop { $0 == 0 }))
                            while fields.next() != nil {}
                        }
                    }
                    return serials
                }
            }
            while nodes.next() != nil {}
            return contents
        }
    }

    private static func date(_ node: ASN1Node) throws -> Date? {
        var components = DateComponents(timeZone: TimeZone(identifier: "UTC"))
        func set(_ year: Int, _ month: Int, _ day: Int, _ hours: Int, _ minutes: Int, _ seconds: Int) {
            (components.year, components.month, components.day) = (year, month, day)
            (components.hour, components.minute, components.second) = (hours, minutes, seconds)
        }
        if node.identifier == .utcTime {
            let time = try UTCTime(derEncoded: node)
            set(time.year, time.month, time.day, time.hours, time.minutes, time.seconds)
        } else {
            let time = try GeneralizedTime(derEncoded: node)
            set(time.year, time.month, time.day, time.hours, time.minutes, time.seconds)
        }
        return Calendar(identifier: .gregorian).date(from: components)
    }
}
