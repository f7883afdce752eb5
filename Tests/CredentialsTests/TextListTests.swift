import Foundation
import TestSupport
import Testing

@testable import Credentials

@Suite("Lists of texts in a store")
struct TextListTests {
    @Test(
        "What is read at a glance is what a decoder reads, and what is no list is refused",
        arguments: [
            #"[]"#, #"[""]"#, #"["a"]"#, #"["a","b"]"#, #"["a", "b"]"#, #"[ "a" ]"#, #"["","",""]"#, #"["a\"b"]"#,
            #"["é","\u00e9"]"#, #"["a,b","c]"]"#, #"["a","b""#, #"["a""b"]"#, #"["a",]"#, #"["a","]"#, #"["]"#,
            "[\"a\u{1}\"]",
            #"["a"]x"#, #"{"a":1}"#, #"[1]"#, "", "null", #"[",","b"]"#, #"["a\/b","\/"]"#, #"["a\\/b"]"#, #"["a\"]"#,
            #"["\/""#, #"["a/b","c\/d\u0041"]"#,
        ])
    func forms(text: String) {
        let expected = try? JSONDecoder().decode([String].self, from: Data(text.utf8))
        #expect((try? TextList.decode(text)) == expected, "\(text)")
    }

    @Test("Whatever was encoded is read as it was, and what was damaged is read as a decoder reads it")
    func property() throws {
        var random = Seeded.announced()
        let letters = ["a", "\"", "\\", ",", "]", "[", "é", "\u{1F511}", "/", " ", "\n", "\u{0}", "{", "*"]
        for _ in 0..<3000 {
            let texts = (0..<Int.random(in: 0...4, using: &random)).map { _ in
                (0..<Int.random(in: 0...5, using: &random)).map { _ in letters.randomElement(using: &random) ?? "" }
                    .joined()
            }
            let encoded = String(decoding: try JSONEncoder().encode(texts), as: UTF8.self)
            #expect(try TextList.decode(encoded) == texts)
            var damaged = Array(encoded)
            damaged[Int.random(in: 0..<damaged.count, using: &random)] = Character(
                letters.randomElement(using: &random) ?? "")
            let expected = try? JSONDecoder().decode([String].self, from: Data(String(damaged).utf8))
            #expect((try? TextList.decode(String(damaged))) == expected, "\(String(damaged))")
        }
    }
}
