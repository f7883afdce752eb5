import Crypto
import Foundation

/// Signs checkpoints of the audit file with Ed25519 (RFC 8032). The private key is a file that is made at the first start, its public half
/// lies beside it: keep a copy of that on another machine.
struct AuditSigner: Sendable {
    private let key: Curve25519.Signing.PrivateKey
    /// The first digits of the public key's hash, by which checkpoints name it.
    let name: String

    /// Reads the key, or makes it, and its public half where that is not there.
    /// - Parameter path: the private key's file; the public half is `path.pub`.
    /// - Throws: ``ConfigurationError`` if the file is no key, can't be read, or can't be written. A file that is there is never replaced.
    init(path: String) throws(ConfigurationError) {
        if let kept = try Self.read(path) { key = kept } else { key = try Self.make(path) }
        name = Self.name(of: key.publicKey)
        guard !FileManager.default.fileExists(atPath: path + ".pub") else { return }
        try Self.write(key.publicKey.rawRepresentation, path + ".pub", mode: 0o644)
    }

    /// Signs some bytes.
    /// - Returns: the signature in base64.
    func sign(_ data: Data) -> String {
        // Ed25519 has no way to fail; were it to, an empty signature is none.
        (try? key.signature(for: data))?.base64EncodedString() ?? ""
    }

    /// The name of a public key.
    static func name(of key: Curve25519.Signing.PublicKey) -> String {
        String(AuditHash(of: Array(key.rawRepresentation).span).description.prefix(16))
    }

    /// Reads 32 bytes in base64, as the files of keys have them.
    /// - Returns: nil for anything else.
    static func keyBytes(_ text: some DataProtocol) -> Data? {
        let line = String(decoding: text, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard let bytes = Data(base64Encoded: line), bytes.count == 32 else { return nil }
        return bytes
    }

    private static func read(_ path: String) throws(ConfigurationError) -> Curve25519.Signing.PrivateKey? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            guard errno != ENOENT else { return nil }
            throw ConfigurationError(
                place: path, message: "can't be read as a signing key (\(String(cString: strerror(errno))))")
        }
        defer { close(descriptor) }
        var text = [UInt8](repeating: 0, count: 256)
        let count = text.withUnsafeMutableBytes { Foundation.read(descriptor, $0.baseAddress, $0.count) }
        guard count >= 0, let bytes = keyBytes(text.prefix(count)) else {
            throw ConfigurationError(place: path, message: "is no signing key: base64 of 32 bytes")
        }
        do {
            return try Curve25519.Signing.PrivateKey(rawRepresentation: bytes)
        } catch {
            throw ConfigurationError(place: path, message: "is no signing key: base64 of 32 bytes")
        }
    }

    private static func make(_ path: String) throws(ConfigurationError) -> Curve25519.Signing.PrivateKey {
        let key = Curve25519.Signing.PrivateKey()
        try write(key.rawRepresentation, path, mode: 0o600)
        return key
    }

    /// Makes a file that is not there yet: it never has another mode than its own, and takes nobody's place.
    private static func write(_ bytes: Data, _ path: String, mode: mode_t) throws(ConfigurationError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        var code = errno
        if descriptor >= 0 {
            let text = Array((bytes.base64EncodedString() + "\n").utf8)
            let count = text.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            code = count < 0 ? errno : ENOSPC
            let isWhole = count == text.count && fsync(descriptor) == 0
            close(descriptor)
            if isWhole { return }
            // Half a key would keep the next start from making a whole one.
            unlink(path)
        }
        throw ConfigurationError(
            place: path,
            message: "can't be written (\(String(cString: strerror(code)))): choose another file for the signing key")
    }
}
