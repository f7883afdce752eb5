/// One part of a segment of a glob.
enum GlobToken: Sendable, Hashable {
    /// This byte.
    case byte(UInt8)
    /// `?`: any one byte. Names are ASCII, so that it is a character too.
    case any
    /// `[…]`: one of these.
    case oneOf(ByteClass)
    /// `*`: any number of bytes.
    case star

    /// Whether it takes a byte of a name; a star takes any. No token takes a slash.
    func takes(_ byte: UInt8) -> Bool {
        switch self {
        case .byte(let own): own == byte
        case .any, .star: byte != UInt8(ascii: "/")
        case .oneOf(let bytes): bytes.contains(byte)
        }
    }
}

/// The bytes that a class of a glob stands for: a bit for each of ASCII's.
struct ByteClass: Sendable, Hashable {
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    mutating func insert(_ bytes: ClosedRange<UInt8>) {
        for byte in bytes where byte < 64 { low |= 1 << UInt64(byte) }
        for byte in bytes where (64..<128).contains(byte) { high |= 1 << UInt64(byte - 64) }
    }

    func contains(_ byte: UInt8) -> Bool {
        byte < 64 ? low >> UInt64(byte) & 1 == 1 : byte < 128 && high >> UInt64(byte - 64) & 1 == 1
    }

    /// All the others, but for the slash, which no class takes.
    var inverted: ByteClass {
        var inverted = ByteClass()
        (inverted.low, inverted.high) = (~low & ~(1 << UInt64(UInt8(ascii: "/"))), ~high)
        return inverted
    }
}
