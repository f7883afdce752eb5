/// Pairs as a form writes them (WHATWG URL, "application/x-www-form-urlencoded"), with nothing but what is safe everywhere.
package enum FormText {
    package static func encode(_ fields: [(String, String)]) -> String {
        fields.map { "\(escaped($0.0))=\(escaped($0.1))" }.joined(separator: "&")
    }

    /// Percent-encoding of all but unreserved characters (RFC 3986, 2.3).
    /// - Parameters:
    ///   - text: the text.
    ///   - others: what stays as it is besides.
    package static func escaped(_ text: String, besides others: String = "") -> String {
        text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                String(UnicodeScalar(byte))
            case _ where "-._~".utf8.contains(byte) || others.utf8.contains(byte): String(UnicodeScalar(byte))
            default: "%" + [byte].hexadecimal.uppercased()
            }
        }.joined()
    }

    /// Reads pairs. What can't be decoded stays as it is.
    package static func decode(_ text: Substring) -> [(name: String, value: String)] {
        pairs(text).map { (decoded($0.name) ?? String($0.name), decoded($0.value) ?? String($0.value)) }
    }

    /// Parts pairs, and decodes nothing.
    ///
    /// By bytes: to a comparison of characters an equals sign with a mark behind it that combines with it is none.
    package static func pairs(_ text: Substring) -> [(name: Substring, value: Substring)] {
        text.utf8.split(separator: UInt8(ascii: "&")).map { pair in
            let name = pair.prefix { $0 != UInt8(ascii: "=") }
            return (Substring(name), Substring(pair.dropFirst(name.count + 1)))
        }
    }

    /// Decodes a name or a value; a plus sign is a space.
    /// - Returns: nil for a percent sign without two hexadecimal digits, and for what is no UTF-8.
    package static func decoded(_ text: Substring) -> String? {
        var (bytes, rest): ([UInt8], Substring.UTF8View) = ([], text.utf8)
        bytes.reserveCapacity(rest.count)
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(Hexadecimal.value),
                    let low = rest.popFirst().flatMap(Hexadecimal.value)
                else { return nil }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
