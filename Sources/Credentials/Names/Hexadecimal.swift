extension Sequence where Element == UInt8 {
    /// The bytes in lower-case hexadecimal digits, two each.
    package var hexadecimal: String {
        map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}

/// Bytes as hexadecimal digits.
package enum Hexadecimal {
    /// Reads digits, upper or lower case, two for each byte.
    /// - Returns: nil for what is none.
    package static func bytes(_ text: some StringProtocol) -> [UInt8]? {
        let digits = text.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count == text.utf8.count, digits.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
