/// Reads the string form of a distinguished name (RFC 4514, 3) byte by byte.
struct DistinguishedNameReader {
    /// One attribute of an RDN with its value.
    struct Assertion {
        var attribute: String
        var value: [UInt8]

        /// The value as text; what is not UTF-8 in hexadecimal.
        var text: String { String(validating: value, as: UTF8.self) ?? "#\(hexadecimal)" }

        /// The form that is the same for each spelling.
        var canonical: String {
            "\(attribute)=\(String(validating: value, as: UTF8.self).map(StringPreparation.caseIgnore) ?? "#\(hexadecimal)")"
        }

        private var hexadecimal: String { value.map(\.hexadecimalEscape).joined() }
    }

    private let bytes: [UInt8]
    private var place = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// Reads all of it.
    /// - Returns: the RDNs, each with at least one assertion; nil if the text is no distinguished name.
    mutating func read() -> [[Assertion]]? {
        var names: [[Assertion]] = []
        var isContinued = false
        repeat {
            guard let assertion = readAssertion() else { return nil }
            if isContinued { names[names.count - 1].append(assertion) } else { names.append([assertion]) }
            guard place < bytes.count else { return names }
            isContinued = bytes[place] == UInt8(ascii: "+")
            place += 1
        } while place < bytes.count
        // A separator with nothing behind it.
        return nil
    }

    private mutating func readAssertion() -> Assertion? {
        skipSpaces()
        let start = place
        while place < bytes.count, isAttribute(bytes[place]) { place += 1 }
        let attribute = String(decoding: bytes[start..<place], as: UTF8.self)
        skipSpaces()
        guard !attribute.isEmpty, place < bytes.count, bytes[place] == UInt8(ascii: "=") else { return nil }
        place += 1
        skipSpaces()
        guard let value = place < bytes.count ? readValue() : [] else { return nil }
        skipSpaces()
        guard place == bytes.count || isSeparator(bytes[place]) else { return nil }
        return Assertion(attribute: AttributeName.short(attribute), value: value)
    }

    private mutating func readValue() -> [UInt8]? {
        switch bytes[place] {
        case UInt8(ascii: "#"): readHexadecimal()
        case UInt8(ascii: "\""): readQuoted()
        default: readPlain()
        }
    }

    /// Text up to a separator, without the spaces before that, unless they are escaped.
    private mutating func readPlain() -> [UInt8]? {
        var value: [UInt8] = []
        var kept = 0
        while place < bytes.count, !isSeparator(bytes[place]) {
            if bytes[place] == UInt8(ascii: "\\") {
                guard let byte = readEscape() else { return nil }
                value.append(byte)
                kept = value.count
            } else {
                value.append(bytes[place])
                place += 1
            }
        }
        while value.count > kept, value.last == UInt8(ascii: " ") { value.removeLast() }
        return value
    }

    /// RFC 2253, 4: a quotation, in which separators mean nothing.
    private mutating func readQuoted() -> [UInt8]? {
        var value: [UInt8] = []
        place += 1
        while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
            if bytes[place] == UInt8(ascii: "\\") {
                guard let byte = readEscape() else { return nil }
                value.append(byte)
            } else {
                value.append(bytes[place])
                place += 1
            }
        }
        guard place < bytes.count else { return nil }
        place += 1
        return value
    }

    private mutating func readEscape() -> UInt8? {
        guard place + 1 < bytes.count else { return nil }
        if place + 2 < bytes.count, let byte = hexadecimal(at: place + 1) {
            place += 3
            return byte
        }
        defer { place += 2 }
        return bytes[place + 1]
    }

    /// `#` and the BER encoding of the value (RFC 4514, 2.4): of a string its content, of anything else all of it.
    private mutating func readHexadecimal() -> [UInt8]? {
        place += 1
        var encoded: [UInt8] = []
        while place + 1 < bytes.count, let byte = hexadecimal(at: place) {
            encoded.append(byte)
            place += 2
        }
        return encoded.isEmpty ? nil : Self.string(encoded)
    }

    /// The content of an OCTET STRING, UTF8String, PrintableString, T61String or IA5String.
    private static func string(_ encoded: [UInt8]) -> [UInt8] {
        guard encoded.count >= 2, [0x04, 0x0C, 0x13, 0x14, 0x16].contains(encoded[0]) else { return encoded }
        if encoded[1] < 0x80 { return encoded.count == 2 + Int(encoded[1]) ? Array(encoded[2...]) : encoded }
        let count = Int(encoded[1] & 0x7F)
        guard (1...2).contains(count), encoded.count > 2 + count else { return encoded }
        let length = encoded[2..<2 + count].reduce(0) { $0 << 8 | Int($1) }
        return encoded.count == 2 + count + length ? Array(encoded[(2 + count)...]) : encoded
    }

    private func hexadecimal(at place: Int) -> UInt8? {
        guard let high = Self.digit(bytes[place]), let low = Self.digit(bytes[place + 1]) else { return nil }
        return high << 4 | low
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        Character(Unicode.Scalar(byte)).hexDigitValue.map { UInt8($0) }
    }

    private mutating func skipSpaces() {
        while place < bytes.count, bytes[place] == UInt8(ascii: " ") { place += 1 }
    }

    private func isSeparator(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ";")
    }

    /// A letter, a digit, a hyphen, or the dot of an OID.
    private func isAttribute(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
