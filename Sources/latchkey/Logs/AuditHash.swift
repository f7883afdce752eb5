import Credentials
import Crypto
import Foundation

/// The SHA-256 of a line of the trail, as a value of fixed size: a million of them are compared without making a text of any.
struct AuditHash: Sendable, Hashable {
    private let words: SIMD4<UInt64>

    /// What stands in place of a hash before the first line.
    static let genesis = AuditHash(words: .zero)

    private init(words: SIMD4<UInt64>) { self.words = words }

    /// The hash that a hasher has come to.
    init(_ digest: SHA256.Digest) {
        words = digest.withUnsafeBytes { $0.loadUnaligned(as: SIMD4<UInt64>.self) }
    }

    /// The hash of some bytes.
    init(of bytes: Span<UInt8>) {
        var hasher = SHA256()
        bytes.withUnsafeBytes { hasher.update(bufferPointer: $0) }
        self.init(hasher.finalize())
    }

    /// The hash of a text.
    init(of text: String) { self.init(of: Array(text.utf8).span) }

    /// Reads 64 hexadecimal digits.
    /// - Returns: nil for anything else, upper-case digits included: a line of ours has none.
    init?(hexadecimal digits: Span<UInt8>) {
        guard digits.count == 64 else { return nil }
        var words = SIMD4<UInt64>.zero
        for index in 0..<32 {
            guard let high = Self.value(digits[2 * index]), let low = Self.value(digits[2 * index + 1]) else {
                return nil
            }
            // The bytes lie in memory as the digest has them: the first one is the lowest of its word.
            words[index / 8] |= UInt64(high << 4 | low) << UInt64(index % 8 * 8)
        }
        self.words = SIMD4(words.x.littleEndian, words.y.littleEndian, words.z.littleEndian, words.w.littleEndian)
    }

    /// Reads 64 hexadecimal digits.
    init?(_ text: some StringProtocol) { self.init(hexadecimal: Array(text.utf8).span) }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}

extension AuditHash: CustomStringConvertible {
    /// 64 hexadecimal digits.
    var description: String { withUnsafeBytes(of: words) { $0.hexadecimal } }
}
