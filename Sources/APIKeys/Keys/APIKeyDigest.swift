import Credentials

/// The SHA-256 of a key's 32 hexadecimal digits: what a store keeps instead of the key.
///
/// A key has 122 random bits, so that a fast hash without salt is enough: there is nothing to guess.
public struct APIKeyDigest: Sendable, Hashable {
    /// What a memory knows the key by.
    let digest: Bits256

    /// Hashes a key's digits.
    init(ofDigits digits: ArraySlice<UInt8>) {
        digest = .sha256(of: Array(digits))
    }

    /// Takes a digest from a store.
    /// - Parameter bytes: its 32 bytes.
    /// - Returns: nil for another number of bytes.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        digest = Bits256(bytes)
    }

    /// Reads a digest as zot and exports write it.
    /// - Parameter text: 64 hexadecimal digits.
    /// - Returns: nil for anything else.
    public init?(hexadecimal text: String) {
        guard let bytes = Hexadecimal.bytes(text) else { return nil }
        self.init(bytes)
    }

    /// The digest in 64 lower-case hexadecimal digits.
    public var hexadecimal: String { bytes.hexadecimal }

    /// The 32 bytes of the digest.
    public var bytes: [UInt8] { digest.bytes }

    /// Whether both are of one key.
    public static func == (left: Self, right: Self) -> Bool { left.digest == right.digest }
    /// Feeds the digest.
    public func hash(into hasher: inout Hasher) { hasher.combine(digest) }
}
