/// Checks the form of a search filter (RFC 4515, 3): what a server would refuse is better refused when it is read.
struct SearchFilterReader {
    private let bytes: [UInt8]
    private var place = 0
    /// How deeply filters may be nested.
    private static let maximumDepth = 100

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// Reads all of it.
    /// - Returns: what is wrong, in words; nil if nothing is.
    mutating func read() -> String? {
        if let problem = filter(depth: 0) { return problem }
        return place == bytes.count ? nil : "what stands behind it, '\(rest)', belongs to no filter"
    }

    private var rest: String { String(decoding: bytes[place...].prefix(20), as: UTF8.self) }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard place < bytes.count, bytes[place] == UInt8(ascii: character) else { return false }
        place += 1
        return true
    }

    private mutating func filter(depth: Int) -> String? {
        guard depth < Self.maximumDepth else { return "it is nested too deeply" }
        guard take("(") else {
            return place < bytes.count ? "'(' is missing before '\(rest)'" : "it ends where '(' is expected"
        }
        let problem: String?
        if take("&") || take("|") {
            problem = list(depth: depth)
        } else if take("!") {
            problem = filter(depth: depth + 1)
        } else {
            problem = item()
        }
        if let problem { return problem }
        return take(")") ? nil : place < bytes.count ? "')' is missing before '\(rest)'" : "a ')' is missing at its end"
    }

    /// One filter or more: an empty list (RFC 4526) finds everybody or nobody, and is a slip here.
    private mutating func list(depth: Int) -> String? {
        repeat {
            if let problem = filter(depth: depth + 1) { return problem }
        } while place < bytes.count && bytes[place] == UInt8(ascii: "(")
        return nil
    }

    /// `attribute=value` and its kin: `~=`, `>=`, `<=`, `:dn:rule:=`.
    private mutating func item() -> String? {
        let start = place
        while place < bytes.count, isAttribute(bytes[place]) { place += 1 }
        let attribute = String(decoding: bytes[start..<place], as: UTF8.self)
        if let comparison = place < bytes.count ? bytes[place] : nil, "~><".utf8.contains(comparison) { place += 1 }
        guard !attribute.isEmpty, take("=") else { return "there is no 'attribute=value' at '\(rest)'" }
        return value()
    }

    private mutating func value() -> String? {
        while place < bytes.count, bytes[place] != UInt8(ascii: ")") {
            switch bytes[place] {
            case UInt8(ascii: "("): return "a parenthesis within a value is written \\28, at '\(rest)'"
            case 0: return "a NUL within a value is written \\00"
            case UInt8(ascii: "\\"):
                guard place + 2 < bytes.count, isHexadecimal(bytes[place + 1]), isHexadecimal(bytes[place + 2]) else {
                    return "a backslash needs two hexadecimal digits, at '\(rest)'"
                }
                place += 3
            default: place += 1
            }
        }
        return nil
    }

    /// Letters, digits and hyphens; dots of an OID, `;` of an option, `:` of a matching rule.
    private func isAttribute(_ byte: UInt8) -> Bool {
        let character = Character(Unicode.Scalar(byte))
        return byte < 0x80 && (character.isLetter || character.isNumber || "-.;:_".utf8.contains(byte))
    }

    private func isHexadecimal(_ byte: UInt8) -> Bool { Character(Unicode.Scalar(byte)).isHexDigit }
}
