/// Reads JSON (RFC 8259) that others send, in one pass, with work that is bounded before it is done.
///
/// Each byte is looked at a fixed number of times, whatever it is. What lies deeper than ``maximumDepth`` is refused when it is reached, not
/// after it was decoded. Unlike a `Decodable` that tries one type after the other, nothing is tried twice.
struct JSONReader {
    /// Why a text is refused.
    enum Problem: Error, Hashable, CustomStringConvertible {
        /// It is no JSON of the wanted form, or no UTF-8, or has a number that no double holds.
        case malformed
        /// Its lists and objects lie deeper in each other than ``JSONReader/maximumDepth``.
        case tooDeep
        /// An object has a member twice: which of them counts would be a guess (RFC 7515, 4; RFC 7519, 4).
        case doubled

        var description: String {
            switch self {
            case .malformed: "it is no JSON object"
            case .tooDeep: "its JSON is deeper than \(JSONReader.maximumDepth) levels"
            case .doubled: "its JSON has a member twice"
            }
        }
    }

    /// How deep lists and objects may lie in each other. What providers send needs some five levels.
    static let maximumDepth = 16
    /// The longest number, in bytes: reading a longer one would cost more than its length.
    private static let maximumNumberLength = 64

    private let bytes: [UInt8]
    private var place = 0
    /// How many bytes were looked at, for tests: never more than a fixed multiple of the length.
    private(set) var steps = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Reads a whole object.
    /// - Parameter bytes: the text.
    /// - Returns: its members.
    static func object(_ bytes: [UInt8]) throws(Problem) -> [String: Claims.Value] {
        var reader = JSONReader(bytes)
        return try reader.wholeObject()
    }

    /// Reads a whole object.
    mutating func wholeObject() throws(Problem) -> [String: Claims.Value] {
        skipBlanks()
        guard case .object(let members) = try value(depth: 0) else { throw .malformed }
        skipBlanks()
        guard place == bytes.count else { throw .malformed }
        return members
    }

    /// Looks for one text among the members of an object. The others are passed over without being decoded, and what stands behind it is not
    /// looked at: nothing of the text may be believed.
    /// - Parameter name: the member's name.
    /// - Returns: nil if the first member of that name is no text, or there is none, or the text before it is no JSON.
    mutating func textMember(_ name: String) -> String? {
        do throws(Problem) {
            skipBlanks()
            guard take(UInt8(ascii: "{")) else { return nil }
            skipBlanks()
            if peek() == UInt8(ascii: "}") { return nil }
            while true {
                let isWanted = try text() == name
                try colon()
                if isWanted { return peek() == UInt8(ascii: "\"") ? try text() : nil }
                try skip(depth: 1)
                skipBlanks()
                guard take(UInt8(ascii: ",")) else { return nil }
                skipBlanks()
            }
        } catch {
            return nil
        }
    }

    // MARK: Values

    private mutating func value(depth: Int) throws(Problem) -> Claims.Value {
        switch peek() {
        case UInt8(ascii: "{")?: return .object(try members(depth: depth + 1))
        case UInt8(ascii: "[")?: return .array(try elements(depth: depth + 1))
        case UInt8(ascii: "\"")?: return .text(try text())
        case UInt8(ascii: "t")?:
            try word("true")
            return .bool(true)
        case UInt8(ascii: "f")?:
            try word("false")
            return .bool(false)
        case UInt8(ascii: "n")?:
            try word("null")
            return .null
        default: return .number(try number())
        }
    }

    private mutating func members(depth: Int) throws(Problem) -> [String: Claims.Value] {
        var members: [String: Claims.Value] = [:]
        try container(UInt8(ascii: "}"), depth) { (reader) throws(Problem) in
            let name = try reader.text()
            try reader.colon()
            let value = try reader.value(depth: depth)
            guard members.updateValue(value, forKey: name) == nil else { throw .doubled }
        }
        return members
    }

    private mutating func elements(depth: Int) throws(Problem) -> [Claims.Value] {
        var elements: [Claims.Value] = []
        try container(UInt8(ascii: "]"), depth) { (reader) throws(Problem) in
            elements.append(try reader.value(depth: depth))
        }
        return elements
    }

    /// Passes over a value without making anything of it.
    private mutating func skip(depth: Int) throws(Problem) {
        switch peek() {
        case UInt8(ascii: "{")?:
            try container(UInt8(ascii: "}"), depth + 1) { (reader) throws(Problem) in
                try reader.skipText()
                try reader.colon()
                try reader.skip(depth: depth + 1)
            }
        case UInt8(ascii: "[")?:
            try container(UInt8(ascii: "]"), depth + 1) { (reader) throws(Problem) in
                try reader.skip(depth: depth + 1)
            }
        case UInt8(ascii: "\"")?: try skipText()
        default: _ = try value(depth: depth)
        }
    }

    /// Reads what stands between two brackets, with commas between.
    private mutating func container(
        _ end: UInt8, _ depth: Int, _ entry: (inout JSONReader) throws(Problem) -> Void
    ) throws(Problem) {
        guard depth <= Self.maximumDepth else { throw .tooDeep }
        advance()
        skipBlanks()
        if take(end) { return }
        while true {
            try entry(&self)
            skipBlanks()
            if take(end) { return }
            guard take(UInt8(ascii: ",")) else { throw .malformed }
            skipBlanks()
        }
    }

    private mutating func colon() throws(Problem) {
        skipBlanks()
        guard take(UInt8(ascii: ":")) else { throw .malformed }
        skipBlanks()
    }

    private mutating func word(_ word: StaticString) throws(Problem) {
        let isThere = word.withUTF8Buffer { bytes[place...].starts(with: $0) }
        guard isThere else { throw .malformed }
        advance(word.utf8CodeUnitCount)
    }

    // MARK: Numbers

    private mutating func number() throws(Problem) -> Double {
        let start = place
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) { try digits() }
        if let next = peek(), next | 0x20 == UInt8(ascii: "e") {
            advance()
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        guard place - start <= Self.maximumNumberLength,
            let number = Double(String(decoding: bytes[start..<place], as: UTF8.self)), number.isFinite
        else { throw .malformed }
        return number
    }

    private mutating func digits() throws(Problem) {
        let start = place
        while let next = peek(), (0x30...0x39).contains(next) { advance() }
        guard place > start else { throw .malformed }
    }

    // MARK: Texts

    /// Reads a text.
    private mutating func text() throws(Problem) -> String {
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

    private mutating func skipText() throws(Problem) {
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

    // MARK: Bytes

    private func peek() -> UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func advance(_ count: Int = 1) {
        place += count
        steps += count
    }

    /// Goes on if a byte is the next.
    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        advance()
        return true
    }

    private mutating func skipBlanks() {
        while let next = peek(), next == 0x20 || next == 0x0A || next == 0x0D || next == 0x09 { advance() }
    }
}
