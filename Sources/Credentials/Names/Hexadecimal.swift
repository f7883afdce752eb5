extension Sequence where Element == UInt8 {
    /// The bytes in lower-case hexadecimal digits, two each.
    package var hexadecimal: String {
        var digits: [UInt8] = []
        digits.reserveCapacity(underestimatedCount * 2)
        for byte in self {
            digits.append(Hexadecimal.digit(byte >> 4))
            digits.append(Hexadecimal.digit(byte & 15))
        }
        return String(decoding: digits, as: UTF8.self)
    }
}

/// Bytes as hexadecimal digits. On the way of each look-up: by the bytes alone, as characters would take many times as long.
package enum Hexadecimal {
    /// Reads digits, upper or lower case, two for each byte.
    /// - Returns: nil for what is none.
    package static func bytes(_ text: some StringProtocol) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count / 2)
        var first: UInt8?
        for digit in text.utf8 {
            guard let value = value(of: digit) else { return nil }
            if let high = first {
                bytes.append(high << 4 | value)
                first = nil
            } else {
                first = value
            }
        }
        return first == nil ? bytes : nil
    }

    /// What a digit stands for.
    /// - Returns: nil for what is none.
    package static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    fileprivate static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
