/// Names with values, as FastCGI has them (specification 1.0, 3.4).
enum FastCGIParameters {
    /// Reads all pairs.
    /// - Throws: ``FastCGIProblem`` for what ends in the middle of a pair, is no UTF-8, or names something twice: which of two the web server has
    ///   looked at is anybody's guess.
    static func read(_ bytes: ArraySlice<UInt8>) throws(FastCGIProblem) -> [String: String] {
        var (rest, values): (ArraySlice<UInt8>, [String: String]) = (bytes, [:])
        while !rest.isEmpty {
            let (nameLength, valueLength) = (try length(&rest), try length(&rest))
            // Both are below 2^31: their sum does not overflow.
            guard rest.count >= nameLength + valueLength else { throw FastCGIProblem("a parameter that is cut off") }
            let name = rest.prefix(nameLength)
            let value = rest.dropFirst(nameLength).prefix(valueLength)
            rest = rest.dropFirst(nameLength + valueLength)
            guard let name = String(validating: name, as: UTF8.self) else {
                throw FastCGIProblem("a name that is no UTF-8")
            }
            // Some variables hold what a client sent, in whatever encoding: nobody needs those.
            guard let value = String(validating: value, as: UTF8.self) else { continue }
            guard values.updateValue(value, forKey: name) == nil else {
                throw FastCGIProblem("a parameter that stands twice")
            }
        }
        return values
    }

    /// Appends a pair.
    static func append(_ name: String, _ value: String, to bytes: inout [UInt8]) {
        for text in [name, value] {
            let count = UInt32(truncatingIfNeeded: text.utf8.count)
            if count < 0x80 {
                bytes.append(UInt8(count))
            } else {
                let marked = count | 0x8000_0000
                bytes += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: marked >> $0) }
            }
        }
        bytes += name.utf8
        bytes += value.utf8
    }

    /// A length of one byte, or of four if the first has its highest bit set.
    private static func length(_ bytes: inout ArraySlice<UInt8>) throws(FastCGIProblem) -> Int {
        guard let first = bytes.first else { throw FastCGIProblem("a parameter that is cut off") }
        guard first >= 0x80 else {
            bytes = bytes.dropFirst()
            return Int(first)
        }
        guard bytes.count >= 4 else { throw FastCGIProblem("a parameter that is cut off") }
        let length = bytes.prefix(4).reduce(0) { $0 << 8 | Int($1) } & 0x7FFF_FFFF
        bytes = bytes.dropFirst(4)
        return length
    }
}
