/// 256 bits, such as a SHA-256, as four numbers: they take no memory of their own, and every request makes some.
package struct Bits256: Sendable {
    /// The first 64 bits, and so on.
    package let words: (UInt64, UInt64, UInt64, UInt64)

    /// Takes 32 bytes in network order; what comes before the last 32 is lost.
    package init(_ bytes: some Sequence<UInt8>) {
        var (a, b, c, d): (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        for byte in bytes {
            a = a << 8 | b >> 56
            b = b << 8 | c >> 56
            c = c << 8 | d >> 56
            d = d << 8 | UInt64(byte)
        }
        words = (a, b, c, d)
    }

    /// The 32 bytes in network order.
    package var bytes: [UInt8] {
        [words.0, words.1, words.2, words.3].flatMap { word in
            stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> UInt64($0)) }
        }
    }
}

extension Bits256: Hashable {
    package static func == (left: Self, right: Self) -> Bool { left.words == right.words }
    /// Hashes little: these are results of a hash already.
    package func hash(into hasher: inout Hasher) { hasher.combine(words.1) }
}
