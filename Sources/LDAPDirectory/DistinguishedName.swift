/// What Latchkey needs of distinguished names in their string form (RFC 4514).
enum DistinguishedName {
    /// The value of the first RDN: `admins` of `cn=admins,ou=Groups,dc=example,dc=org`.
    /// - Parameter name: the DN.
    /// - Returns: the value with its escapes resolved; the whole text if it is no DN.
    static func shortName(of name: String) -> String {
        let bytes = Array(name.utf8)
        guard let equals = bytes.firstIndex(of: UInt8(ascii: "=")) else { return name }
        var value: [UInt8] = []
        var keep = 0  // how much of `value` must survive the trimming of spaces: up to the last escaped byte
        var i = equals + 1
        while i < bytes.count, bytes[i] == UInt8(ascii: " ") { i += 1 }
        while i < bytes.count, !",+;".utf8.contains(bytes[i]) {
            guard bytes[i] == UInt8(ascii: "\\"), i + 1 < bytes.count else {
                value.append(bytes[i])
                i += 1
                continue
            }
            if i + 2 < bytes.count, let high = hexDigit(bytes[i + 1]), let low = hexDigit(bytes[i + 2]) {
                value.append(high << 4 | low)
                i += 3
            } else {
                value.append(bytes[i + 1])
                i += 2
            }
            keep = value.count
        }
        while value.count > keep, value.last == UInt8(ascii: " ") { value.removeLast() }
        return value.isEmpty ? name : String(decoding: value, as: UTF8.self)
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        Character(Unicode.Scalar(byte)).hexDigitValue.map { UInt8($0) }
    }
}
