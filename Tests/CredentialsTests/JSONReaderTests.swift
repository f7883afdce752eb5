import Credentials
import Foundation
import TestSupport
import Testing

@Suite("JSON that strangers send")
struct JSONReaderTests {
    private func read(_ text: String) -> Result<[String: JSONValue], JSONReader.Problem> {
        do throws(JSONReader.Problem) {
            return .success(try JSONReader.object(Array(text.utf8)))
        } catch {
            return .failure(error)
        }
    }

    @Test("Every kind of value is read as what it is: a boolean is no number, and a number no boolean")
    func values() throws {
        let text = #"""
             {"t": true, "f": false, "n": null, "one": 1, "zero": 0, "big": 1.5e300, "minus": -0.25, "list": [1, "1", true, []],
              "object": {"a": {"b": "c"}}, "text": "a\"\\\/\b\f\n\r\té\u00e9\ud83d\ude00", "": "empty"}
            """#
        let members = try read(text).get()
        #expect(members["t"] == .bool(true) && members["f"] == .bool(false) && members["n"] == .null)
        #expect(members["one"] == .number(1) && members["zero"] == .number(0) && members["one"] != .bool(true))
        #expect(members["big"] == .number(1.5e300) && members["minus"] == .number(-0.25))
        #expect(members["list"] == .array([.number(1), .text("1"), .bool(true), .array([])]))
        #expect(members["object"] == .object(["a": .object(["b": .text("c")])]))
        #expect(members["text"] == .text("a\"\\/\u{8}\u{c}\n\r\téé😀") && members[""] == .text("empty"))
    }

    @Test(
        "What is no JSON is refused, and so is what two readers would read differently",
        arguments: [
            "", " ", "[]", "1", "\"a\"", "null", "{", "}", "{}x", "{},", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}",
            "{a:1}",
            "{'a':1}", "{\"a\":01}", "{\"a\":1.}", "{\"a\":.5}", "{\"a\":+1}", "{\"a\":1e}", "{\"a\":--1}",
            "{\"a\":NaN}",
            "{\"a\":Infinity}", "{\"a\":1e400}", "{\"a\":-}", "{\"a\":tru}", "{\"a\":True}", "{\"a\":[1,]}",
            "{\"a\":[1 2]}",
            "{\"a\":\"\n\"}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}", "{\"a\":\"\\ud800\"}",
            "{\"a\":\"\\udc00\\ud800\"}",
            "{\"a\":\"\\ud800\\u0041\"}", "{\"a\":\"", "{\"a\":\"\\", "\u{FEFF}{}", "{\"a\":1 \"b\":2}", "{\"a\" 1}",
            "{\"a\":1}\0",
            "{/**/}", "{\"a\":0x10}",
        ])
    func malformed(_ text: String) {
        #expect(read(text) == .failure(.malformed))
    }

    @Test("A member that stands twice is refused, at any depth, whatever it is written with")
    func doubled() {
        for text in [
            #"{"a":1,"a":1}"#, #"{"a":1,"\u0061":2}"#, #"{"x":{"a":1,"b":2,"a":null}}"#, #"{"x":[{"a":1,"a":2}]}"#,
        ] {
            #expect(read(text) == .failure(.doubled), "\(text)")
        }
        #expect((try? read(#"{"x":{"a":1},"y":{"a":1},"a":1}"#).get()) != nil)
    }

    @Test("What is too deep is refused where it is reached, not after it was decoded")
    func depth() throws {
        func nested(_ depth: Int, _ open: String = "[", _ close: String = "]") -> String {
            #"{"a":"# + String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth) + "}"
        }
        let limit = JSONReader.maximumDepth
        #expect((try? read(nested(limit - 1)).get()) != nil)
        #expect(read(nested(limit)) == .failure(.tooDeep))
        #expect(read(nested(limit, #"{"x":"#, "}")) == .failure(.tooDeep))
        var reader = JSONReader(Array(nested(100_000).utf8))
        _ = try? reader.wholeObject()
        #expect(reader.steps < 100, "the rest is not looked at")
    }

    @Test("Of what nobody has signed one text is looked for, and nothing is made of the rest")
    func member() {
        func issuer(_ text: String) -> String? {
            var reader = JSONReader(Array(text.utf8))
            return reader.textMember("iss")
        }
        #expect(issuer(#"{"iss":"a"}"#) == "a" && issuer(#" { "x" : [1,{"iss":"b"}], "i\u0073s" : "c" , "#) == "c")
        for text in [
            "", "[]", "{}", #"{"iss":1}"#, #"{"iss":null}"#, #"{"iss":{"iss":"a"}}"#, #"{"x":{"iss":"a"}}"#, #"{"x":1"#,
            #"{"x":"\"#, #"{"iss":"a"#, #"{"x":tru,"iss":"a"}"#,
        ] {
            #expect(issuer(text) == nil, "\(text)")
        }
        #expect(
            issuer(#"{"a":"# + String(repeating: "[", count: 17) + String(repeating: "]", count: 17) + #","iss":"x"}"#)
                == nil)
    }

    @Test("The work is bounded by the length, whatever is sent: counted in steps, not in seconds")
    func work() throws {
        var generator = Seeded.announced()
        let pieces = [
            "[", "]", "{", "}", "\"", "\\", ",", ":", "1", "e", "-", ".", "true", "null", #""a""#, #""b":"#, " ",
            "\\u12", "é", "iss",
            String(repeating: "9", count: 70), String(repeating: "[", count: 20), #"{"a":{"a":"#,
        ]
        for _ in 0..<3000 {
            let text =
                "{"
                + (0..<Int.random(in: 0..<200, using: &generator)).map { _ in
                    pieces.randomElement(using: &generator) ?? ""
                }.joined()
            let bytes = Array(text.utf8)
            var (whole, look) = (JSONReader(bytes), JSONReader(bytes))
            _ = try? whole.wholeObject()
            _ = look.textMember("iss")
            #expect(whole.steps <= bytes.count && look.steps <= bytes.count, "\(text)")
        }
        // Fifteen kilobytes that took eleven seconds: lists in lists, many times over.
        let list = String(repeating: "[", count: 505) + String(repeating: "]", count: 505)
        let attack = Array((#"{"a":["# + Array(repeating: list, count: 11).joined(separator: ",") + "]}").utf8)
        var (whole, look) = (JSONReader(attack), JSONReader(attack))
        let found = (try? whole.wholeObject()) == nil && look.textMember("iss") == nil
        #expect(found && whole.steps < 64 && look.steps < 64)
    }

    @Test("What this reads, Foundation reads too, and as the same")
    func agreement() throws {
        var generator = Seeded.announced()
        func value(_ depth: Int) -> Any {
            switch Int.random(in: 0..<(depth < 4 ? 8 : 6), using: &generator) {
            case 0: return NSNull()
            case 1: return Bool.random(using: &generator)
            case 2: return Int.random(in: -1000...1000, using: &generator)
            case 3: return Double.random(in: -1e9...1e9, using: &generator)
            case 4: return ["", "é", "a\"b\\", "\u{1}\u{1F}", "😀/", "x\n"].randomElement(using: &generator) ?? ""
            case 5: return "plain"
            case 6: return (0..<Int.random(in: 0..<4, using: &generator)).map { _ in value(depth + 1) }
            default: return object(depth + 1)
            }
        }
        func object(_ depth: Int) -> [String: Any] {
            Dictionary((0..<Int.random(in: 0..<5, using: &generator)).map { ("k\($0)é", value(depth)) }) { first, _ in
                first
            }
        }
        func isSame(_ own: JSONValue, _ other: Any) -> Bool {
            switch own {
            case .null: other is NSNull
            case .bool(let bool): (other as? NSNumber).map { isBoolean($0) && $0.boolValue == bool } ?? false
            case .number(let number):
                (other as? NSNumber).map { !isBoolean($0) && abs($0.doubleValue - number) <= abs(number) * 1e-12 }
                    ?? false
            case .text(let text): (other as? String) == text
            case .array(let values):
                (other as? [Any]).map { $0.count == values.count && zip(values, $0).allSatisfy(isSame) } ?? false
            case .object(let members):
                (other as? [String: Any]).map { others in
                    others.count == members.count
                        && members.allSatisfy { name, value in others[name].map { isSame(value, $0) } ?? false }
                } ?? false
            }
        }
        for _ in 0..<500 {
            let data = try JSONSerialization.data(withJSONObject: object(0), options: [.fragmentsAllowed])
            let own = try JSONReader.object(Array(data))
            #expect(
                isSame(.object(own), try JSONSerialization.jsonObject(with: data)),
                "\(String(decoding: data, as: UTF8.self))")
        }
    }
}

/// Whether a number is a boolean to Foundation.
private func isBoolean(_ number: NSNumber) -> Bool { String(cString: number.objCType) == "c" }
