import Crypto
import Foundation

/// Signs checkpoints of the audit file with Ed25519 (RFC 8032). The private key is a file that is made at the first start, its public half
/// lies beside it: keep a copy of that on another machine.
struct AuditSigner: Sendable {
    private let key: Curve25519.Signing.PrivateKey

    /// Reads the key, or makes it.
    /// - Parameter path: the private key's file; the public half is `path.pub`.
    init(path: String) throws(ConfigurationError) {
        do {
            if let text = FileManager.default.contents(atPath: path) {
                guard
                    let bytes = Data(
                        base64Encoded: String(decoding: text, as: UTF8.self).trimmingCharacters(
                            in: .whitespacesAndNewlines))
                else { throw ConfigurationError(place: path, message: "is no signing key: base64 of 32 bytes") }
                key = try Curve25519.Signing.PrivateKey(rawRepresentation: bytes)
            } else {
                let new = Curve25519.Signing.PrivateKey()
                let private_ = Data((new.rawRepresentation.base64EncodedString() + "\n").utf8)
                guard
                    FileManager.default.createFile(
                        atPath: path, contents: private_, attributes: [.posixPermissions: 0o600])
                else {
                    throw ConfigurationError(
                        place: path, message: "can't be written: choose another file for the signing key")
                }
                try Data((new.publicKey.rawRepresentation.base64EncodedString() + "\n").utf8).write(
                    to: URL(filePath: path + ".pub"))
                key = new
            }
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw ConfigurationError(place: path, message: "can't be used as a signing key: \(error)")
        }
    }

    /// The first digits of the public key, by which checkpoints name it.
    var name: String { Self.name(of: key.publicKey) }

    /// Signs some bytes.
    /// - Returns: the signature in base64.
    func sign(_ data: Data) -> String {
        // Ed25519 has no way to fail; were it to, an empty signature is none.
        (try? key.signature(for: data))?.base64EncodedString() ?? ""
    }

    /// The name of a public key.
    static func name(of key: Curve25519.Signing.PublicKey) -> String {
        String(AuditChain.hash(of: key.rawRepresentation).prefix(16))
    }
}
