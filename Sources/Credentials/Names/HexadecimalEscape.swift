extension UInt8 {
    /// A backslash and two hexadecimal digits: how a filter (RFC 4515, 3) and a DN (RFC 4514, 2.4) write any byte.
    package var hexadecimalEscape: String {
        let digits = String(self, radix: 16)
        return self < 0x10 ? "\\0\(digits)" : "\\\(digits)"
    }
}
