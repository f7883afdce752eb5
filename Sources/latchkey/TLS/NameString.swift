import SwiftASN1
import X509

/// The texts that stand in the names of certificates (RFC 5280, 4.1.2.4, "DirectoryString"), in their five old and new encodings.
enum NameString {
    private static let numeric: UInt = 18
    private static let teletex: UInt = 20
    private static let universal: UInt = 28
    private static let basicMultilingual: UInt = 30

    /// The text of an attribute's value, with nothing of it escaped.
    /// - Returns: nil for what is no text.
    static func text(of value: RelativeDistinguishedName.Attribute.Value) -> String? {
        // The library repairs what is no UTF-8: two names would become one.
        if let text = String(value) { return text.unicodeScalars.contains("\u{FFFD}") ? nil : text }
        do {
            var serializer = DER.Serializer()
            try serializer.serialize(ASN1Any(value))
            return text(of: try DER.parse(serializer.serializedBytes))
        } catch {
            return nil
        }
    }

    private static func text(of node: ASN1Node) -> String? {
        guard node.identifier.tagClass == .universal, case .primitive(let bytes) = node.content else { return nil }
        switch node.identifier.tagNumber {
        case numeric: return bytes.allSatisfy { $0 < 0x80 } ? String(decoding: bytes, as: UTF8.self) : nil
        // T.61 is dead, and its writers mean Latin-1: as Go and OpenSSL read it.
        case teletex: return String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
        case basicMultilingual: return scalars(bytes, width: 2)
        case universal: return scalars(bytes, width: 4)
        default: return nil
        }
    }

    /// Characters of so many bytes each, the highest first. A half of a pair (UTF-16) is none.
    private static func scalars(_ bytes: ArraySlice<UInt8>, width: Int) -> String? {
        guard bytes.count % width == 0 else { return nil }
        var (text, number, count) = (String.UnicodeScalarView(), UInt32(0), 0)
        for byte in bytes {
            (number, count) = (number << 8 | UInt32(byte), count + 1)
            guard count == width else { continue }
            guard let scalar = Unicode.Scalar(number) else { return nil }
            text.append(scalar)
            (number, count) = (0, 0)
        }
        return String(text)
    }
}
