extension DistinguishedName {
    /// Escapes a value for a DN (RFC 4514, 2.4): it can't end, and starts nothing else than, the value that it stands for.
    /// - Parameter value: any text, from anybody.
    /// - Returns: text that stands for exactly this value in a DN.
    public static func escape(_ value: String) -> String {
        let bytes = Array(value.utf8)
        var escaped = ""
        for (index, byte) in bytes.enumerated() {
            let isAtEdge = index == 0 || index == bytes.count - 1
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "+"), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "<"),
                UInt8(ascii: "="), UInt8(ascii: ">"), UInt8(ascii: "\\"):
                escaped += "\\\(Character(Unicode.Scalar(byte)))"
            case UInt8(ascii: " ") where isAtEdge, UInt8(ascii: "#") where index == 0, ..<0x20, 0x7F...:
                escaped += byte.hexadecimalEscape
            default:
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            }
        }
        return escaped
    }
}
