/// Where the members of a line of the trail stand that matter to the chain. The reader knows as much of JSON (RFC 8259) as a line of ours has: one object
/// of texts and of whole numbers, without white space, and none of the members that matter twice.
struct AuditMembers {
    /// The members that matter.
    enum Member: Int, CaseIterable {
        case version, number, previous, torn, time, event, key, signature, expected, found, line, witness
    }

    /// Where a value stands, without its quotation marks.
    private struct Value {
        var range: Range<Int>
        var isText: Bool
        var hasEscapes: Bool
    }

    private var values: [Value?]

    /// Reads a line.
    /// - Returns: nil for what is no line of ours.
    init?(_ line: Span<UInt8>) {
        // Most of what is no line is found out by its ends.
        guard line.count > 2, line[0] == Self.open, line[line.count - 1] == Self.close else { return nil }
        values = Array(repeating: nil, count: Member.allCases.count)
        var reader = Reader(place: 1)
        while true {
            guard let name = reader.text(line), reader.take(Self.colon, line), let value = reader.value(line) else {
                return nil
            }
            if let member = Self.member(line.extracting(name.range)) {
                guard values[member.rawValue] == nil else { return nil }
                values[member.rawValue] = value
            }
            if reader.take(Self.comma, line) { continue }
            guard reader.take(Self.close, line), reader.place == line.count else { return nil }
            break
        }
        // A half-written letter is rare: only who has others than ASCII is asked.
        guard reader.isASCII || line.withUnsafeBytes({ String(validating: $0, as: UTF8.self) }) != nil else {
            return nil
        }
    }

    /// Whether a member is there.
    func has(_ member: Member) -> Bool { values[member.rawValue] != nil }

    /// A member that is a whole number.
    func number(_ member: Member, _ line: Span<UInt8>) -> UInt64? {
        guard let value = values[member.rawValue], !value.isText else { return nil }
        var number: UInt64 = 0
        for index in value.range {
            let (product, isTooLarge) = number.multipliedReportingOverflow(by: 10)
            let (sum, isOver) = product.addingReportingOverflow(UInt64(line[index] - Self.zero))
            guard !isTooLarge, !isOver else { return nil }
            number = sum
        }
        return number
    }

    /// A member that is a text; nil for one with escapes, which none has that matters.
    func text(_ member: Member, _ line: Span<UInt8>) -> String? {
        guard let value = values[member.rawValue], value.isText, !value.hasEscapes else { return nil }
        return line.extracting(value.range).withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    /// A member that is a hash.
    func hash(_ member: Member, _ line: Span<UInt8>) -> AuditHash? {
        guard let value = values[member.rawValue], value.isText else { return nil }
        return AuditHash(hexadecimal: line.extracting(value.range))
    }

    /// How many bytes stand before the signature, if that is the line's last member.
    func lengthBeforeSignature(_ line: Span<UInt8>) -> Int? {
        guard let value = values[Member.signature.rawValue], value.isText, value.range.upperBound + 2 == line.count
        else { return nil }
        return value.range.lowerBound - Self.beforeSignature
    }

    /// What stands between the signed bytes and the signature: `,"signature":"`.
    private static let beforeSignature = 14

    private static func member(_ name: Span<UInt8>) -> Member? {
        func isName(_ text: StaticString) -> Bool {
            for index in 0..<name.count where name[index] != text.utf8Start[index] { return false }
            return true
        }
        // By its length first: no two of the same length share more than that, but few.
        switch name.count {
        case 1: return isName("v") ? .version : nil
        case 3: return isName("seq") ? .number : isName("key") ? .key : nil
        case 4:
            return isName("prev")
                ? .previous : isName("time") ? .time : isName("torn") ? .torn : isName("line") ? .line : nil
        case 5: return isName("event") ? .event : isName("found") ? .found : nil
        case 7: return isName("witness") ? .witness : nil
        case 8: return isName("expected") ? .expected : nil
        case 9: return isName("signature") ? .signature : nil
        default: return nil
        }
    }

    private static let (open, close) = (UInt8(ascii: "{"), UInt8(ascii: "}"))
    private static let (colon, comma) = (UInt8(ascii: ":"), UInt8(ascii: ","))
    private static let (quote, backslash) = (UInt8(ascii: "\""), UInt8(ascii: "\\"))
    private static let zero = UInt8(ascii: "0")

    /// One pass over the bytes.
    private struct Reader {
        var place: Int
        var isASCII = true

        mutating func take(_ byte: UInt8, _ line: Span<UInt8>) -> Bool {
            guard place < line.count, line[place] == byte else { return false }
            place += 1
            return true
        }

        mutating func value(_ line: Span<UInt8>) -> Value? {
            guard place < line.count, line[place] != quote else { return text(line) }
            let start = place
            while place < line.count, case zero...UInt8(ascii: "9") = line[place] { place += 1 }
            // A whole number has no zero before it, and no text of ours so many digits.
            guard place > start, place - start <= 20, place == start + 1 || line[start] != zero else { return nil }
            return Value(range: start..<place, isText: false, hasEscapes: false)
        }

        mutating func text(_ line: Span<UInt8>) -> Value? {
            guard take(quote, line) else { return nil }
            let start = place
            var hasEscapes = false
            while place < line.count {
                let byte = line[place]
                place += 1
                switch byte {
                case quote: return Value(range: start..<(place - 1), isText: true, hasEscapes: hasEscapes)
                case backslash:
                    hasEscapes = true
                    guard escape(line) else { return nil }
                case 0..<0x20: return nil
                case 0x80...: isASCII = false
                default: break
                }
            }
            return nil
        }

        private mutating func escape(_ line: Span<UInt8>) -> Bool {
            guard place < line.count else { return false }
            let byte = line[place]
            place += 1
            switch byte {
            case quote, backslash, UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
                UInt8(ascii: "r"), UInt8(ascii: "t"):
                return true
            case UInt8(ascii: "u"):
                guard line.count - place >= 4 else { return false }
                for index in place..<(place + 4) {
                    switch line[index] {
                    case zero...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
                        UInt8(ascii: "A")...UInt8(ascii: "F"):
                        break
                    default: return false
                    }
                }
                place += 4
                return true
            default: return false
            }
        }
    }
}
