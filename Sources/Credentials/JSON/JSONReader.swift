/// Reads JSON (RFC 8259) that others send, in one pass, with work that is bounded before it is done.
///
/// Each byte is looked at a fixed number of times, whatever it is. What lies deeper than ``maximumDepth`` is refused when it is reached, not
/// after it was decoded. Unlike a `Decodable` that tries one type after the other, nothing is tried twice.
package struct JSONReader {
    /// Why a text is refused.
    package enum Problem: Error, Hashable, CustomStringConvertible {
        /// It is no JSON of the wanted form, or no UTF-8, or has a number that no double holds.
        case malformed
        /// Its lists and objects lie deeper in each other than ``JSONReader/maximumDepth``.
        case tooDeep
        /// An object has a member twice: which of them counts would be a guess (RFC 7515, 4; RFC 7519, 4).
        case doubled

        package var description: String {
            switch self {
            case .malformed: "it is no JSON object"
            case .tooDeep: "its JSON is deeper than \(JSONReader.maximumDepth) levels"
            case .doubled: "its JSON has a member twice"
            }
        }
    }

    /// How deep lists and objects may lie in each other. What providers send needs some five levels.
    package static let maximumDepth = 16
    /// The longest number, in bytes: reading a longer one would cost more than its length.
    private static let maximumNumberLength = 64

    let bytes: [UInt8]
    var place = 0
    /// How many bytes were looked at, for tests: never more than a fixed multiple of the length.
    package private(set) var steps = 0

    /// Begins at the first byte.
    /// - Parameter bytes: the text.
    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Reads a whole object.
    /// - Parameter bytes: the text.
    /// - Returns: its members.
    package static func object(_ bytes: [UInt8]) throws(Problem) -> [String: JSONValue] {
        var reader = JSONReader(bytes)
        return try reader.wholeObject()
    }

    /// Reads a whole object.
    package mutating func wholeObject() throws(Problem) -> [String: JSONValue] {
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
    package mutating func textMember(_ name: String) -> String? {
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

    private mutating func value(depth: Int) throws(Problem) -> JSONValue {
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

    private mutating func members(depth: Int) throws(Problem) -> [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        try container(UInt8(ascii: "}"), depth) { (reader) throws(Problem) in
            let name = try reader.text()
            try reader.colon()
            let value = try reader.value(depth: depth)
            guard members.updateValue(value, forKey: name) == nil else { throw .doubled }
        }
        return members
    }

    private mutating func elements(depth: Int) throws(Problem) -> [JSONValue] {
        var elements: [JSONValue] = []
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

    // MARK: Bytes

    func peek() -> UInt8? { place < bytes.count ? bytes[place] : nil }

    mutating func advance(_ count: Int = 1) {
        place += count
        steps += count
    }

    /// Goes on if a byte is the next.
    mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        advance()
        return true
    }

    private mutating func skipBlanks() {
        while let next = peek(), next == 0x20 || next == 0x0A || next == 0x0D || next == 0x09 { advance() }
    }
}
