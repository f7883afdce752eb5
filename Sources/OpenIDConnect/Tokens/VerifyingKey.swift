import JWTKit

/// A public key that tokens are verified with.
enum VerifyingKey: Sendable {
    case published(JWK)
    case rsa(Insecure.RSA.PublicKey)
    case p256(ES256PublicKey)
    case p384(ES384PublicKey)
    case p521(ES512PublicKey)

    /// Reads a key, or the certificate of one, in PEM: RSA, P-256, P-384 or P-521.
    /// - Returns: nil for what is none.
    init?(pem: String) {
        let isCertificate = pem.contains("-----BEGIN CERTIFICATE-----")
        if let key = try? isCertificate ? Insecure.RSA.PublicKey(certificatePEM: pem) : .init(pem: pem) {
            self = .rsa(key)
        } else if let key = try? isCertificate ? ES256PublicKey(certificate: pem) : .init(pem: pem) {
            self = .p256(key)
        } else if let key = try? isCertificate ? ES384PublicKey(certificate: pem) : .init(pem: pem) {
            self = .p384(key)
        } else if let key = try? isCertificate ? ES512PublicKey(certificate: pem) : .init(pem: pem) {
            self = .p521(key)
        } else {
            return nil
        }
    }

    /// What it is called; nil for one that was not published.
    var name: String? { if case .published(let key) = self { key.keyIdentifier?.string } else { nil } }

    /// What tells it from other keys, whatever it is called (as RFC 7638 does); nil for one that was not published.
    var thumbprint: String? {
        guard case .published(let key) = self else { return nil }
        return [key.keyType.rawValue, key.curve?.rawValue, key.x, key.y, key.modulus, key.exponent]
            .map { $0 ?? "" }.joined(separator: " ")
    }

    /// Whether it signs by an algorithm. One that says by which signs by no other, whatever a token says of itself.
    func signs(by algorithm: String) -> Bool {
        switch self {
        case .published(let key): key.algorithm?.rawValue ?? algorithm == algorithm
        case .rsa: algorithm.hasPrefix("RS") || algorithm.hasPrefix("PS")
        case .p256: algorithm == "ES256"
        case .p384: algorithm == "ES384"
        case .p521: algorithm == "ES512"
        }
    }

    /// Whether it has signed a token.
    func hasSigned(_ token: SignedToken) async -> Bool {
        let name = JWKIdentifier(string: token.header.keyID ?? "only")
        do {
            let keys = try await alone(name: name, algorithm: token.header.algorithm)
            let algorithm = try await keys.getKey(for: name, alg: token.header.algorithm)
            return try algorithm.verify(token.signature, signs: token.signed)
        } catch {
            return false
        }
    }

    /// A collection that has no other key: where jwt-kit does not know a name, it takes any key.
    /// - Parameters:
    ///   - name: what the token calls its key.
    ///   - algorithm: how it says that it is signed.
    /// - Throws: what keeps the key from verifying.
    private func alone(name: JWKIdentifier, algorithm: String) async throws -> JWTKeyCollection {
        let keys = JWTKeyCollection()
        let digest: DigestAlgorithm =
            algorithm.hasSuffix("512") ? .sha512 : algorithm.hasSuffix("384") ? .sha384 : .sha256
        switch self {
        case .published(var key):
            key.keyIdentifier = name
            try await keys.add(jwk: key)
        case .rsa(let key) where algorithm.hasPrefix("PS"): await keys.add(pss: key, digestAlgorithm: digest, kid: name)
        case .rsa(let key): await keys.add(rsa: key, digestAlgorithm: digest, kid: name)
        case .p256(let key): await keys.add(ecdsa: key, kid: name)
        case .p384(let key): await keys.add(ecdsa: key, kid: name)
        case .p521(let key): await keys.add(ecdsa: key, kid: name)
        }
        return keys
    }
}
