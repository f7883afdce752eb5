/// crypt(3)'s own 64 digits: `./0-9A-Za-z`.
enum CryptAlphabet {
    /// The value of a digit.
    static func value(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: ".")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "."))
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A")) + 12
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 38
        default: nil
        }
    }

    /// Whether a text has no other characters.
    static func isAll(_ text: ArraySlice<UInt8>) -> Bool { text.allSatisfy { value($0) != nil } }

    /// A number of up to five digits, the lowest first.
    static func littleEndian(_ digits: ArraySlice<UInt8>) -> UInt32? {
        var (number, shift): (UInt32, UInt32) = (0, 0)
        for digit in digits {
            guard let value = value(digit), shift < 30 else { return nil }
            number |= value << shift
            shift += 6
        }
        return number
    }
}
