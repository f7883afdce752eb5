package import struct Foundation.UUID

extension UUID {
    /// Reads an id as stores keep it: 36 characters (RFC 9562, 4). Foundation's own reader takes longer than a look-up has time for.
    /// - Parameter text: what a store has.
    /// - Returns: nil for what is none.
    package init?(stored text: String) {
        var bytes: (UInt64, UInt64) = (0, 0)
        var place = 0
        for byte in text.utf8 {
            defer { place += 1 }
            if place == 8 || place == 13 || place == 18 || place == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard place < 36, let value = Hexadecimal.value(of: byte) else { return nil }
            if place < 18 { bytes.0 = bytes.0 << 4 | UInt64(value) } else { bytes.1 = bytes.1 << 4 | UInt64(value) }
        }
        guard place == 36 else { return nil }
        func byte(_ number: UInt64, _ index: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: number >> (56 - 8 * index)) }
        let (a, b) = bytes
        self.init(
            uuid: (
                byte(a, 0), byte(a, 1), byte(a, 2), byte(a, 3), byte(a, 4), byte(a, 5), byte(a, 6), byte(a, 7),
                byte(b, 0), byte(b, 1), byte(b, 2), byte(b, 3), byte(b, 4), byte(b, 5), byte(b, 6), byte(b, 7)
            ))
    }
}
