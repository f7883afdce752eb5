import TestSupport
import Testing

@testable import Credentials

@Suite("Texts that are cut")
struct CutToBytesTests {
    @Test(
        "They have no more bytes than they may, and end with a whole character",
        arguments: [
            ("abc", 3, "abc"), ("abcd", 3, "abc"), ("", 3, ""), ("äöü", 4, "äö"), ("äöü", 5, "äö"),
            ("a\u{1F600}", 4, "a"),
            ("ab\u{301}c", 3, "a"), ("\u{1F468}\u{200D}\u{1F469}", 7, "\u{1F468}\u{200D}"), ("x", 0, ""),
        ])
    func cut(text: String, limit: Int, result: String) {
        #expect(text.cut(toBytes: limit).utf8.elementsEqual(result.utf8))
    }

    @Test("One character of nine thousand marks is cut as well, and no text is ever too long")
    func long() {
        let marks = "a" + String(repeating: "\u{301}", count: 9000)
        #expect(marks.count == 1 && marks.cut(toBytes: 256).utf8.count == 255)
        var random = Seeded.announced()
        for _ in 0..<2000 {
            let scalars = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                ["a", "é", "\u{301}", "\u{200D}", "\u{1F468}", "\r", "\n"].randomElement(using: &random) ?? "a"
            }
            let (text, limit) = (scalars.joined(), Int.random(in: 0...60, using: &random))
            let cut = text.cut(toBytes: limit)
            #expect(cut.utf8.count <= limit && text.utf8.starts(with: cut.utf8))
            if text.utf8.count <= limit { #expect(cut.utf8.elementsEqual(text.utf8)) }
        }
    }
}
