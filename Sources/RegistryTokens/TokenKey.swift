import Credentials
import Crypto
import CryptoExtras
public import Foundation
import JWTKit
import SwiftASN1
import X509

/// A key that signs registry tokens, with the certificate that registries know it by.
public struct TokenKey: Sendable {
    /// How a new key signs.
    public enum Algorithm: String, Sendable, CaseIterable {
        case es256 = "ES256"
        case rs256 = "RS256"
    }

    enum Material: Sendable {
        case p256(P256.Signing.PrivateKey)
        case rsa(_RSA.Signing.PrivateKey)
    }

    let material: Material
    /// The certificate, in PEM; nil for a key that has none.
    let certificate: String?

    /// Reads a key.
    /// - Parameters:
    ///   - key: a private key in PEM: P-256, or RSA of 2048 bits or more.
    ///   - certificate: its certificate in PEM; nil for none.
    /// - Throws: ``TokenKeyError``.
    public init(key: String, certificate: String?) throws(TokenKeyError) {
        if let key = try? P256.Signing.PrivateKey(pemRepresentation: key) {
            material = .p256(key)
        } else if let key = try? _RSA.Signing.PrivateKey(pemRepresentation: key), key.keySizeInBits >= 2048 {
            material = .rsa(key)
        } else {
            throw TokenKeyError("is no private key of P-256, or of RSA with 2048 bits or more, in PEM")
        }
        guard let certificate else {
            self.certificate = nil
            return
        }
        guard let parsed = try? Certificate(pemEncoded: certificate) else {
            throw TokenKeyError("has a certificate that can't be read")
        }
        let own: Certificate.PublicKey
        switch material {
        case .p256(let key): own = Certificate.PublicKey(key.publicKey)
        case .rsa(let key): own = Certificate.PublicKey(key.publicKey)
        }
        guard parsed.publicKey == own else {
            throw TokenKeyError("has a certificate of another key")
        }
        self.certificate = certificate
    }

    /// Makes a key, and a certificate that it signs itself, good for ten years.
    /// - Parameters:
    ///   - algorithm: how it signs.
    ///   - name: whose it is, for who looks at the certificate.
    ///   - now: the time.
    /// - Returns: both in PEM.
    /// - Throws: what kept it from being made.
    public static func make(_ algorithm: Algorithm, name: String, at now: Date) throws -> (
        key: String, certificate: String
    ) {
        let (key, pem): (Certificate.PrivateKey, String)
        switch algorithm {
        case .es256:
            let new = P256.Signing.PrivateKey()
            (key, pem) = (Certificate.PrivateKey(new), new.pemRepresentation)
        case .rs256:
            let new = try _RSA.Signing.PrivateKey(keySize: .bits2048)
            (key, pem) = (Certificate.PrivateKey(new), new.pkcs8PEMRepresentation)
        }
        let subject = try DistinguishedName { CommonName(name) }
        let certificate = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: key.publicKey,
            notValidBefore: now.addingTimeInterval(-3600),
            notValidAfter: now.addingTimeInterval(3650 * 86_400), issuer: subject, subject: subject,
            signatureAlgorithm: algorithm == .es256 ? .ecdsaWithSHA256 : .sha256WithRSAEncryption,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(digitalSignature: true, keyCertSign: true))
            }, issuerPrivateKey: key)
        return (pem, try certificate.serializeAsPEM().pemString)
    }

    /// How it signs.
    var algorithm: Algorithm {
        switch material {
        case .p256: .es256
        case .rsa: .rs256
        }
    }

    /// The public key in DER (SubjectPublicKeyInfo of RFC 5280).
    private static func publicKey(_ material: Material) -> Data {
        switch material {
        case .p256(let key): key.publicKey.derRepresentation
        case .rsa(let key): key.publicKey.derRepresentation
        }
    }

    /// The fingerprint by which Docker's registry 2 finds a key (libtrust): the first 240 bits of the public key's SHA-256, in base32 by fours.
    var identifier: String {
        let digits = Base32.encode(SHA256.hash(data: Self.publicKey(material)).prefix(30))
        return stride(from: 0, to: digits.count, by: 4).map { digits.dropFirst($0).prefix(4) }.joined(separator: ":")
    }

    /// What signs with it; only the key itself is in there.
    func addTo(_ keys: JWTKeyCollection) async throws {
        let identifier = JWKIdentifier(string: identifier)
        switch material {
        case .p256(let key): await keys.add(ecdsa: try ECDSA.PrivateKey<P256>(backing: key), kid: identifier)
        case .rsa(let key):
            await keys.add(
                rsa: try Insecure.RSA.PrivateKey(pem: key.pkcs8PEMRepresentation), digestAlgorithm: .sha256,
                kid: identifier)
        }
    }

    /// The public key as RFC 7517 has it.
    var jwk: [String: String] {
        var fields = ["kid": identifier, "use": "sig", "alg": algorithm.rawValue]
        switch material {
        case .p256(let key):
            let point = key.publicKey.rawRepresentation
            fields["kty"] = "EC"
            fields["crv"] = "P-256"
            fields["x"] = Base64URL.encode(point.prefix(32))
            fields["y"] = Base64URL.encode(point.dropFirst(32))
        case .rsa(let key):
            fields["kty"] = "RSA"
            if let primitives = try? key.publicKey.getKeyPrimitives() {
                fields["n"] = Base64URL.encode(primitives.modulus)
                fields["e"] = Base64URL.encode(primitives.publicExponent)
            }
        }
        return fields
    }

    /// Secrets that only who has the key can know.
    func secret(_ purpose: String) -> SymmetricKey {
        let raw: Data
        switch material {
        case .p256(let key): raw = key.rawRepresentation
        case .rsa(let key): raw = key.derRepresentation
        }
        return HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: raw), info: Data("latchkey \(purpose)".utf8), outputByteCount: 32)
    }
}

extension TokenKey: CustomStringConvertible, CustomReflectable {
    /// Its public identifier.
    public var description: String { "TokenKey(\(identifier))" }
    /// A mirror without children: the key is not for dumps.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// Why a key can't sign tokens.
public struct TokenKeyError: Error, CustomStringConvertible {
    /// What was wrong, to stand behind the name of the file.
    public let description: String

    init(_ description: String) { self.description = description }
}
