import Credentials
import Foundation
import Testing

@Suite("Names compare by bytes, and enter in one form")
struct NamesTests {
    /// Pairs that `String` takes for equal, by canonical equivalence, and files, stores and header fields do not.
    static let pairs = [
        ("\u{212A}arl", "Karl"), ("zo\u{EB}", "zoe\u{308}"), ("\u{2126}", "\u{3A9}"), ("\u{212B}", "\u{C5}"),
        ("a\u{323}\u{307}", "a\u{307}\u{323}"), ("\u{1100}\u{1161}", "\u{AC00}"), ("a\u{37E}b", "a;b"),
        ("\u{1FEF}", "`"),
    ]

    private func differ<Name: ExactName>(_ type: Name.Type) throws {
        for (one, other) in Self.pairs {
            #expect(one == other, "the pair is none: \(one)")
            let (left, right) = (Name(one), Name(other))
            #expect(left != right && Set([left, right]).count == 2 && (left < right) != (right < left))
            #expect([left: 1][right] == nil && ![left].contains(right))
            for name in [left, right] {
                let text = try JSONEncoder().encode([name])
                let read = try #require(try JSONDecoder().decode([Name].self, from: text).first)
                #expect(read == name && read.text.utf8.elementsEqual(name.text.utf8))
            }
        }
        #expect(Name("a") == "a" && Name("") != "a" && Name("a\0") != "a")
        #expect(["b", "a\u{301}", "a"].map { Name($0) }.sorted().map(\.text) == ["a", "a\u{301}", "b"])
    }

    @Test("What Unicode takes for one name is two, in whatever collection it stands and however it was stored")
    func types() throws {
        try differ(UserName.self)
        try differ(GroupName.self)
        try differ(Subject.self)
        try differ(Issuer.self)
        try differ(Identity.self)
    }

    /// What a store makes of a name: its letters of ASCII in lower case.
    private func plain(_ name: String) -> [UInt8] {
        name.utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
    }

    /// Whether a store and a search together find a name when they are asked for another.
    private func finds(_ name: String, askedFor other: String) -> Bool {
        if plain(name) == plain(other) { return true }
        guard let search = SpellingSearch(UserName(other)) else { return false }
        let begin = String(String.UnicodeScalarView(name.unicodeScalars.prefix(search.prefix.unicodeScalars.count)))
        return search.length.contains(name.unicodeScalars.count) && plain(begin) == Array(search.prefix.utf8)
            && search.finds(name)
    }

    @Test("A name in another case is found, whichever letter of Unicode it is in which they differ")
    func spellings() {
        var (count, missed): (Int, [String]) = (0, [])
        for value in UInt32(0x80)...0x1_FFFF {
            guard let scalar = Unicode.Scalar(value), scalar.properties.isCased else { continue }
            let properties = scalar.properties
            for form in Set([properties.lowercaseMapping, properties.uppercaseMapping, properties.titlecaseMapping]) {
                guard let one = try? UserName(entering: "xY\(scalar)z"),
                    let other = try? UserName(entering: "Xy\(form)Z"), one != other,
                    StringPreparation.caseIgnore(one) == StringPreparation.caseIgnore(other)
                else { continue }
                count += 1
                if !finds(one.text, askedFor: other.text) || !finds(other.text, askedFor: one.text) {
                    missed.append("\(one) \(other)")
                }
            }
        }
        #expect(count > 2000 && missed.isEmpty, "\(count): \(missed.prefix(20))")
        for (one, other) in [("\u{130}nes", "i\u{307}nes"), ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"), ("STRAẞE", "straße")] {
            #expect(finds(one, askedFor: other) && finds(other, askedFor: one), "\(one)")
        }
        for (one, other) in [("zoë", "zoe"), ("zoë", "ZOÊ"), ("иван", "ИВАНА"), ("山田", "山口")] {
            #expect(!finds(one, askedFor: other) && !finds(other, askedFor: one), "\(one)")
        }
        for name in ["zoe", "a b", "山田", "o'neil"] { #expect(SpellingSearch(UserName(name)) == nil, "\(name)") }
    }

    @Test("A name that enters is composed, or refused with the reason")
    func entering() throws {
        #expect(try UserName(entering: "zoe\u{308}").text.utf8.elementsEqual("zo\u{EB}".utf8))
        #expect(try UserName(entering: "\u{212A}arl").text.utf8.elementsEqual("Karl".utf8))
        #expect(try GroupName(exactly: "K\u{308}").text.unicodeScalars.count == 2, "there is no composed form")
        for (odd, _) in Self.pairs.prefix(4) + [("zoe\u{308}", "")] where !odd.hasSuffix("\u{EB}") {
            #expect(throws: NameProblem.notComposed, "two that become one would be one") { try UserName(exactly: odd) }
            #expect(throws: NameProblem.notComposed) { try GroupName(exactly: odd) }
        }
        for fine in [
            "a", "a b", "system:serviceaccount:x:y", "ZOË", "山田", "o'neil", "a@b.example",
            String(repeating: "a", count: 1024),
        ] {
            #expect(throws: Never.self, "\(fine)") { try UserName(entering: fine) }
        }
        let cases: [(String, NameProblem)] = [
            ("", .empty), (String(repeating: "é", count: 513), .tooLong), (" a", .spaceAtAnEnd), ("a ", .spaceAtAnEnd),
            ("a\tb", .controlCharacter), ("a\n", .controlCharacter), ("a\0", .controlCharacter),
            ("a\u{7F}", .controlCharacter),
            ("a\u{85}", .controlCharacter), ("a\u{2028}b", .controlCharacter), ("a\u{200B}", .invisibleCharacter),
            ("a\u{AD}b", .invisibleCharacter), ("\u{FEFF}a", .invisibleCharacter), ("a\u{202E}b", .invisibleCharacter),
            ("a\u{34F}b", .invisibleCharacter), ("a\u{115F}", .invisibleCharacter), ("a\u{A0}b", .oddSpace),
            ("a\u{3000}", .oddSpace),
            ("a\u{2003}", .oddSpace),
        ]
        for (text, problem) in cases {
            #expect(throws: problem, "\(text.debugDescription)") { try UserName(entering: text) }
            #expect(throws: problem, "\(text.debugDescription)") { try GroupName(exactly: text) }
            #expect(throws: problem, "\(text.debugDescription)") { try UserName(exactly: text) }
        }
    }

    @Test("What has entered is the same however often it enters, and a field's value keeps it")
    func property() throws {
        var generator = SystemRandomNumberGenerator()
        var count = 0
        for _ in 0..<20_000 {
            let text = String(
                String.UnicodeScalarView(
                    (0..<Int.random(in: 0...6, using: &generator)).compactMap { _ in
                        Unicode.Scalar(UInt32.random(in: 0...0x33FF, using: &generator))
                    }))
            guard let name = try? UserName(entering: text) else { continue }
            count += 1
            #expect(try UserName(entering: name.text) == name, "\(text.debugDescription)")
            // RFC 9110, 5.5: white space around it is no part of a field's value.
            #expect(name.text.trimmingCharacters(in: .whitespacesAndNewlines).utf8.elementsEqual(name.text.utf8))
            #expect(name.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
        }
        #expect(count > 1000)
    }

    @Test("An identity is its issuer's alone, whatever another one's begins with")
    func identities() {
        let identity = Identity("https://sso.example", "a|b")
        #expect(identity.isOf("https://sso.example") && identity.subject(of: "https://sso.example") == "a|b")
        for other: Issuer in [
            "https://sso.example/", "https://sso", "https://sso.example|a|b", "HTTPS://sso.example", "",
        ] {
            #expect(!identity.isOf(other), "\(other)")
        }
        #expect(Identity(named: "alice").userName == "alice" && identity.userName == nil)
    }

    @Test("A provider's group has its provider before its name, unless the operator names it otherwise")
    func groups() {
        var naming = GroupNaming(of: "corp", bare: ["K8s": "admins"])
        #expect(
            naming.groups(["ops", "K8s", "\u{212A}8s"]).map(\.qualifiedName) == [
                "corp:ops", "admins", "corp:\u{212A}8s",
            ])
        #expect(Group(name: "ops", of: "corp") != Group(name: "corp:ops"))
        #expect(Group(name: "ops", of: "corp").matches("corp:ops") && !Group(name: "ops", of: "corp").matches("ops"))
        naming.isTrusted = true
        #expect(naming.groups(["ops"]) == [Group(name: "ops")])
    }
}
