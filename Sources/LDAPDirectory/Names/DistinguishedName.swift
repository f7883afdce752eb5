/// What Latchkey needs of distinguished names in their string form (RFC 4514).
enum DistinguishedName {
    /// The value of the first RDN: `admins` of `cn=admins,ou=Groups,dc=example,dc=org`.
    /// - Parameter name: the DN.
    /// - Returns: the value with its escapes resolved; the whole text if it is no DN.
    static func shortName(of name: String) -> String {
        let bytes = Array(name.utf8)
        guard let equals = bytes.firstIndex(of: UInt8(ascii: "=")) else { return name }
        let (value, _) = value(in: bytes, from: equals + 1)
        return value.isEmpty ? name : String(decoding: value, as: UTF8.self)
    }

    /// A form that is the same for every spelling of a DN: servers write `\2C` or `\,`, and names in any case.
    /// - Parameter name: the DN.
    /// - Returns: a text for comparisons alone; the text in lower case if it is no DN.
    static func comparable(_ name: String) -> String {
        let bytes = Array(name.utf8)
        var (parts, place) = ([String](), 0)
        while let equals = bytes[place...].firstIndex(of: UInt8(ascii: "=")) {
            let attribute = String(decoding: bytes[place..<equals], as: UTF8.self).filter { $0 != " " }
            let (value, end) = value(in: bytes, from: equals + 1)
            let separator = end < bytes.count && bytes[end] == UInt8(ascii: "+") ? "+" : ","
            // A NUL stands in no DN: what is within a value can't be taken for what is between two.
            parts.append("\(attribute)=\(String(decoding: value, as: UTF8.self))\0\(separator)")
            place = min(end + 1, bytes.count)
        }
        return parts.isEmpty ? name.lowercased() : parts.joined().lowercased()
    }

    /// Reads a value with its escapes resolved.
    /// - Returns: the value, and the place of what ends it.
    private static func value(in bytes: [UInt8], from start: Int) -> ([UInt8], end: Int) {
        var value: [UInt8] = []
        var keep = 0  // how much of `value` must survive the trimming of spaces: up to the last escaped byte
        var i = start
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
        return (value, i)
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        Character(Unicode.Scalar(byte)).hexDigitValue.map { UInt8($0) }
    }
}
