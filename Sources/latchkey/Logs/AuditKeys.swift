import Crypto
import Foundation

/// The public keys by which checkpoints are checked. More than one where the signing key was changed.
struct AuditKeys: Sendable {
    private var keys: [String: Curve25519.Signing.PublicKey] = [:]

    /// - Parameter keys: the keys; none to check no signatures.
    init(_ keys: [Curve25519.Signing.PublicKey] = []) {
        for key in keys { self.keys[AuditSigner.name(of: key)] = key }
    }

    /// Reads the keys' files.
    /// - Throws: ``ConfigurationError`` for a file that is none.
    init(files: [String]) throws(ConfigurationError) {
        var keys: [Curve25519.Signing.PublicKey] = []
        for path in files {
            guard let text = FileManager.default.contents(atPath: path), let bytes = AuditSigner.keyBytes(text) else {
                throw Self.wrong(path)
            }
            do {
                keys.append(try Curve25519.Signing.PublicKey(rawRepresentation: bytes))
            } catch {
                throw Self.wrong(path)
            }
        }
        self.init(keys)
    }

    private static func wrong(_ path: String) -> ConfigurationError {
        ConfigurationError(
            place: path, message: "is no public key: name the file beside the signing key, with .pub at its end")
    }

    /// Whether there is none.
    var isEmpty: Bool { keys.isEmpty }

    /// What is wrong with a checkpoint.
    enum Problem: Error {
        /// It was signed by a key that is none of these.
        case foreignKey
        /// The signature is not of this line.
        case wrongSignature
        /// A newer version of Latchkey has made it.
        case unknownVersion
    }

    /// Checks a checkpoint.
    /// - Parameters:
    ///   - checkpoint: what stands in the line.
    ///   - line: what links it.
    ///   - bytes: the whole line.
    /// - Throws: what is wrong with it.
    func check(
        _ checkpoint: AuditLine.Checkpoint, of line: AuditLine, _ bytes: Span<UInt8>
    ) throws(Problem) {
        guard let key = keys[checkpoint.key] else { throw .foreignKey }
        let signed: Data
        switch checkpoint.version {
        case 1: signed = AuditChain.signedFirst(line.number, line.previous)
        case 2:
            guard let length = checkpoint.signedLength else { throw .wrongSignature }
            signed = AuditChain.signed(
                bytes.extracting(0..<length).withUnsafeBytes { String(decoding: $0, as: UTF8.self) })
        default: throw .unknownVersion
        }
        guard let signature = Data(base64Encoded: checkpoint.signature), key.isValidSignature(signature, for: signed)
        else { throw .wrongSignature }
    }
}
