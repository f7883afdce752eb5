import Crypto

/// The SHA-256 of a key's 32 hexadecimal digits: what a store keeps instead of the key.
///
/// A key has 122 random bits, so that a fast hash without salt is enough: there is nothing to guess.
public struct APIKeyDigest: Sendable, Hashable {
    /// The 32 bytes of the digest.
    public let bytes: [UInt8]

    /// Hashes a key's digits.
    init(ofDigits digits: [UInt8]) {
        bytes = Array(SHA256.hash(data: digits))
    }

    /// What chooses a part of a memory.
    var shard: Int { Int(bytes[31]) }

    /// Hashes little: the bytes are random already, and an attacker can't choose them.
    public func hash(into hasher: inout Hasher) {
        for byte in bytes.prefix(8) { hasher.combine(byte) }
    }
}
