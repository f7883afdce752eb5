public import Credentials
import enum Crypto.CryptoKitError
import Foundation
import JWTKit

/// A private key by which this client shows a provider who it is.
public struct ClientKey: Sendable {
    /// Why a text holds none that can sign.
    public struct Problem: Error, Hashable, CustomStringConvertible {
        /// What is wrong with it, as the rest of a sentence.
        public let description: String
    }

    private enum Form: Sendable {
        case p256(ES256PrivateKey)
        case p384(ES384PrivateKey)
        case p521(ES512PrivateKey)
        case ed25519(EdDSA.PrivateKey)
        case rsa(Insecure.RSA.PrivateKey)
    }

    private let form: Form

    /// Reads a key.
    /// - Parameter pem: P-256, P-384, P-521, Ed25519 or RSA from 2048 bits on, in PEM, not encrypted.
    /// - Throws: ``Problem`` for anything else. No part of the key is in its words.
    public init(_ pem: Secret) throws(Problem) {
        let whole = String(decoding: pem.bytes, as: UTF8.self)
        // Alone: openssl writes the parameters of the curve and what else is in a bag before it (RFC 7468, 2), which the library does not take.
        let lines = Self.block(whole)
        let text = lines.joined(separator: "\n") + "\n"
        // The library takes the number of any curve of the same size.
        let bytes = Data(base64Encoded: lines.dropFirst().dropLast().joined()).map { Array($0) } ?? []
        if bytes.contains(Self.p256), let key = try? ES256PrivateKey(pem: text) {
            form = .p256(key)
        } else if bytes.contains(Self.p384), let key = try? ES384PrivateKey(pem: text) {
            form = .p384(key)
        } else if bytes.contains(Self.p521), let key = try? ES512PrivateKey(pem: text) {
            form = .p521(key)
        } else if bytes.contains(Self.ed25519), let key = try? EdDSA.PrivateKey(pem: text) {
            form = .ed25519(key)
        } else {
            do {
                form = .rsa(try Insecure.RSA.PrivateKey(pem: text))
            } catch CryptoKitError.incorrectParameterSize {
                throw Problem(description: "has a key of RSA that is shorter than 2048 bits")
            } catch {
                throw Problem(description: Self.reason(whole))
            }
        }
    }

    /// What a curve is called in a key (RFC 5480, 2.1.1.1): an object identifier in DER.
    private static let p256: [UInt8] = [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]
    private static let p384: [UInt8] = [0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22]
    private static let p521: [UInt8] = [0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x23]

    /// What keys of Ed25519 are called (RFC 8410, 3): those of X25519 have as many bytes, and can't sign.
    private static let ed25519: [UInt8] = [0x06, 0x03, 0x2B, 0x65, 0x70]

    /// The lines of the private key in a text, with those that begin and end it; none if there is no such key.
    private static func block(_ pem: String) -> [String] {
        let lines = pem.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
        guard let begin = lines.firstIndex(where: { $0.hasPrefix("-----BEGIN ") && $0.hasSuffix("PRIVATE KEY-----") }),
            let end = lines[begin...].firstIndex(where: { $0.hasPrefix("-----END ") })
        else { return [] }
        return Array(lines[begin...end])
    }

    private static func reason(_ text: String) -> String {
        if text.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----") || text.contains("Proc-Type: 4,ENCRYPTED") {
            return "has an encrypted key: decrypt it, and let nobody else read the file"
        }
        guard text.contains("PRIVATE KEY-----") else { return "holds no private key in PEM" }
        return "holds no private key of P-256, P-384, P-521, Ed25519 or RSA (2048 bits or more)"
    }

    /// A collection with this key alone.
    func collection() async -> JWTKeyCollection {
        let keys = JWTKeyCollection()
        switch form {
        case .p256(let key): await keys.add(ecdsa: key)
        case .p384(let key): await keys.add(ecdsa: key)
        case .p521(let key): await keys.add(ecdsa: key)
        case .ed25519(let key): await keys.add(eddsa: key)
        case .rsa(let key): await keys.add(rsa: key, digestAlgorithm: .sha256)
        }
        return keys
    }
}

extension ClientKey: CustomReflectable {
    /// A mirror without children: the key is not for dumps.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
