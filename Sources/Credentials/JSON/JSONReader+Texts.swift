/// Texts of JSON (RFC 8259, 7).
extension JSONReader {
    /// Reads a text.
    /// - Throws: `malformed` for what is none, or no UTF-8.
    mutating func text() throws(Problem) -> String {
        guard take(UInt8(ascii: "\"")) else { throw .malformed }
        let start = place
        toEndOfRun()
        // Most have no escapes, and are taken as they stand.
        if peek() == UInt8(ascii: "\"") { return try closed(bytes[start..<place]) }
        var decoded = Array(bytes[start..<place])
        while true {
            switch peek() {
            case UInt8(ascii: "\"")?: return try closed(decoded[...])
            case UInt8(ascii: "\\")?: try escape(into: &decoded)
            default: throw .malformed
            }
            let next = place
            toEndOfRun()
            decoded += bytes[next..<place]
        }
    }

    /// Passes over a text without decoding it.
    mutating func skipText() throws(Problem) {
        guard take(UInt8(ascii: "\"")) else { throw .malformed }
        while true {
            toEndOfRun()
            if take(UInt8(ascii: "\"")) { return }
            // Whatever is behind the stroke: it is no end.
            guard take(UInt8(ascii: "\\")), peek() != nil else { throw .malformed }
            advance()
        }
    }

    /// The text whose closing mark is next.
    private mutating func closed(_ bytes: ArraySlice<UInt8>) throws(Problem) -> String {
        advance()
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .malformed }
        return text
    }

    /// Goes on to what ends a run of plain characters: a quotation mark, a reverse stroke, or what may not stand there.
    private mutating func toEndOfRun() {
        while let next = peek(), next >= 0x20, next != UInt8(ascii: "\""), next != UInt8(ascii: "\\") { advance() }
    }

    private mutating func escape(into decoded: inout [UInt8]) throws(Problem) {
        advance()
        guard let sign = peek() else { throw .malformed }
        advance()
        switch sign {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): decoded.append(sign)
        case UInt8(ascii: "b"): decoded.append(0x08)
        case UInt8(ascii: "f"): decoded.append(0x0C)
        case UInt8(ascii: "n"): decoded.append(0x0A)
        case UInt8(ascii: "r"): decoded.append(0x0D)
        case UInt8(ascii: "t"): decoded.append(0x09)
        case UInt8(ascii: "u"):
            guard let scalar = Unicode.Scalar(try codePoint()) else { throw .malformed }
            decoded += Array(String(Character(scalar)).utf8)
        default: throw .malformed
        }
    }

    /// A code point beyond the first 65,536 is two escapes (RFC 8259, 7); one half alone is none.
    private mutating func codePoint() throws(Problem) -> UInt32 {
        let first = try hexadecimal()
        guard (0xD800...0xDBFF).contains(first) else { return first }
        guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw .malformed }
        let second = try hexadecimal()
        guard (0xDC00...0xDFFF).contains(second) else { throw .malformed }
        return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)
    }

    private mutating func hexadecimal() throws(Problem) -> UInt32 {
        var number: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = peek().flatMap({ Character(Unicode.Scalar($0)).hexDigitValue }) else { throw .malformed }
            number = number << 4 | UInt32(digit)
            advance()
        }
        return number
    }
}
