import Foundation

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
        func decoded(_ text: Substring) -> String {
            let spaced = text.replacing("+", with: " ")
            return spaced.removingPercentEncoding ?? String(spaced)
        }
        return text.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (decoded(parts[0]), parts.count > 1 ? decoded(parts[1]) : "")
        }
    }
}
