import Credentials
import Foundation
import Testing

@Suite("Bytes and ids as stores keep them")
struct StoredTextTests {
    @Test("Whatever bytes there are, their digits are read back, in either case, and nothing else is")
    func hexadecimal() {
        for count in 0..<300 {
            let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max) }
            let text = bytes.hexadecimal
            #expect(text == bytes.map { String(format: "%02x", $0) }.joined())
            #expect(Hexadecimal.bytes(text) == bytes && Hexadecimal.bytes(text.uppercased()) == bytes)
        }
        for text in ["0", "0g", "g0", " 00", "0 0", "é0", "0x00", "00\u{0}", "۱۱", "--"] {
            #expect(Hexadecimal.bytes(text) == nil, "\(text)")
        }
    }

    @Test("An id is read as Foundation reads it, in either case; what is none is refused, whatever was changed of it")
    func ids() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let id = UUID()
            #expect(UUID(stored: id.uuidString) == id && UUID(stored: id.uuidString.lowercased()) == id)
            var changed = Array(id.uuidString.utf8)
            let place = Int.random(in: 0..<36, using: &generator)
            changed[place] = UInt8.random(in: 0...127, using: &generator)
            let text = String(decoding: changed, as: UTF8.self)
            let isOne = text.wholeMatch(of: #/[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}/#) != nil
            #expect((UUID(stored: text) != nil) == isOne, "\(text)")
        }
        let one = "5b1f0c3e-6a43-4f7e-8f0e-0d3f6a1f2b3c"
        for text in ["", String(one.dropLast()), one + "0", " " + one.dropFirst(), one + "-", "{\(one)}", one + one] {
            #expect(UUID(stored: text) == nil, "\(text)")
        }
    }
}
