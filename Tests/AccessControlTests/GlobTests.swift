import TestSupport
import Testing

@testable import AccessControl

@Suite("Globs: patterns of repository names")
struct GlobTests {
    private func name(_ text: String) throws -> RepositoryName { try #require(RepositoryName(text), "\(text)") }

    @Test(
        "A pattern takes what doublestar takes",
        arguments: [
            ("team/app", ["team/app"], ["team", "team/app/x", "team/apps"]),
            ("*", ["a", "team"], ["a/b"]),
            ("**", ["a", "a/b", "a/b/c"], []),
            ("team/*", ["team/a"], ["team", "team/a/b", "teams/a"]),
            ("tmp/**", ["tmp", "tmp/a", "tmp/a/b"], ["tmpa", "a/tmp"]),
            ("**/x", ["x", "a/x", "a/b/x"], ["x/a", "ax"]),
            ("a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["a", "b", "a/bb", "ab"]),
            ("a/**/b/**/c", ["a/b/c", "a/x/b/c", "a/b/x/b/c"], ["a/c", "a/b"]),
            ("a**", ["a", "ab"], ["a/b", "ba"]),
            ("a?c", ["abc", "a-c"], ["ac", "a/c", "abbc"]),
            ("v[0-9]", ["v0", "v9"], ["va", "v10"]),
            ("v[^0-9]", ["va"], ["v0", "v"]),
            ("v[!0-9]x", ["vax"], ["v0x", "v/x"]),
            ("[a\\-c]x", ["ax", "cx"], ["bx"]),
            ("{a,b}/c", ["a/c", "b/c"], ["c/c", "a", "ab/c"]),
            ("x{,y,z{1,2}}", ["x", "xy", "xz1", "xz2"], ["xz", "z1"]),
            ("{a/**,b}/c", ["a/c", "a/q/c", "b/c"], ["q/c"]),
            ("a\\b", ["ab"], ["a"]),
            ("*a*b*c", ["abc", "xaxbxc", "abcc", "aabbcabc"], ["ab", "acb", "abcd"]),
            ("a-*-b*", ["a-x-b", "a-x-b-y"], ["a-b"]),
        ])
    func matching(pattern: String, taken: [String], left: [String]) throws {
        let glob = try Glob(pattern)
        for text in taken { #expect(try glob.matches(name(text)), "\(pattern) \(text)") }
        for text in left { #expect(try !glob.matches(name(text)), "\(pattern) \(text)") }
    }

    @Test(
        "What is no pattern is refused, with the reason",
        arguments: [
            ("", "empty"), ("a[", "["), ("a[]", "empty"), ("a[b", "["), ("[z-a]", "backwards"), ("[a-]", "range"),
            ("[-a]", "range"), ("[a/b]", "slash"), ("{a", "{"), ("a}", "}"), ("{a,{b}", "{"), ("a\\", "backslash"),
            ("a\u{7}", "control"), ("[é]", "character"), (String(repeating: "a", count: 513), "512"),
            (String(repeating: "{a,b}", count: 7), "64"), (String(repeating: "{", count: 9), "deep"),
            ("{" + String(repeating: "x,", count: 99) + "}", "64"),
        ])
    func malformed(pattern: String, reason: String) {
        do {
            _ = try Glob(pattern)
            Issue.record("\(pattern) is a pattern")
        } catch {
            #expect(error.description.contains(reason), "\(pattern): \(error)")
        }
    }

    @Test(
        "A pattern that no repository's name can match says so",
        arguments: [
            "Team", "a//b", "/a", "a/", "a..b", "é", "a b", "-*", "\\*", "[A-Z]*", "a/./b", "*-", "a___b", "_*",
        ])
    func vain(pattern: String) throws {
        #expect(try Glob(pattern).vanity != nil, "\(pattern)")
    }

    @Test("A pattern of more than 255 bytes that can't be shorter takes nothing")
    func tooLong() throws {
        #expect(try Glob(String(repeating: "a", count: 255)).vanity == nil)
        #expect(try Glob(String(repeating: "a", count: 256)).vanity?.contains("255") == true)
    }

    @Test("Whether a pattern can match, and whether two meet, agrees with trying many names")
    func reach() throws {
        var random = Seeded.announced()
        let names = try Names.all(upTo: 4).map { try name($0) }
        var met = 0
        for _ in 0..<800 {
            let (left, right) = (Names.pattern(&random), Names.pattern(&random))
            guard let a = try? Glob(left), let b = try? Glob(right) else { continue }
            let taken = names.filter { a.matches($0) }
            if !taken.isEmpty { #expect(a.vanity == nil, "\(left)") }
            if taken.contains(where: { b.matches($0) }) {
                met += 1
                #expect(a.overlaps(b) && b.overlaps(a), "\(left) \(right)")
            }
            if let isWithin = a.isWithin([b]), isWithin {
                #expect(taken.allSatisfy { b.matches($0) }, "\(left) \(right)")
            } else if a.vanity == nil, taken.count > 50 {
                // Names of up to four characters tell nearly every difference of patterns this small apart.
                #expect(!names.allSatisfy { !a.matches($0) || b.matches($0) } || left != right, "\(left) \(right)")
            }
        }
        #expect(met > 20)
    }

    @Test("The index of many patterns finds the longest that takes a name, as trying each does")
    func index() throws {
        var random = Seeded.announced()
        let names = try Names.all(upTo: 4).map { try name($0) }
        for _ in 0..<80 {
            let globs = (0..<12).compactMap { _ in try? Glob(Names.pattern(&random)) }
            let index = PatternIndex(globs)
            for name in names.shuffled(using: &random).prefix(100) {
                let expected = globs.filter { $0.matches(name) }.map(\.text.utf8.count).max()
                #expect(index.longest(name).map { globs[$0].text.utf8.count } == expected, "\(globs) \(name)")
            }
        }
    }

    @Test("Ties are found wherever trying names finds one")
    func ties() throws {
        var random = Seeded.announced()
        let names = try Names.all(upTo: 4).map { try name($0) }
        var found = 0
        for _ in 0..<600 {
            let globs = (0..<4).compactMap { _ in try? Glob(Names.pattern(&random)) }
            let tie = names.contains { name in
                let lengths = globs.filter { $0.matches(name) }.map(\.text.utf8.count)
                return Set(lengths).count < lengths.count
            }
            if tie {
                found += 1
                #expect(PatternTies.find(globs) != nil, "\(globs)")
            } else if let (a, b) = PatternTies.find(globs) {
                #expect(a.text.utf8.count == b.text.utf8.count && a.overlaps(b))
            }
        }
        #expect(found > 5)
    }

    @Test("Matching takes no longer than the pattern and the name are long, whatever they are")
    func adversarial() throws {
        let long = try name(String(repeating: "a", count: 255))
        let stars = try Glob(String(repeating: "*a", count: 250) + "b")
        #expect(!stars.matches(long))
        let deep = try name(Array(repeating: "a", count: 128).joined(separator: "/"))
        let depths = try Glob(Array(repeating: "**/a", count: 100).joined(separator: "/") + "/b")
        #expect(!deep.text.isEmpty && !depths.matches(deep))
    }
}

@Suite("Repository names")
struct RepositoryNameTests {
    @Test(
        "What the specification allows is a name",
        arguments: [
            "a", "0", "team/app", "a.b", "a_b", "a__b", "a-b", "a--b", "a-----b/c.d/e__f", "library/hello-world",
            String(repeating: "a", count: 255),
        ])
    func names(text: String) {
        #expect(RepositoryName(text)?.text == text)
    }

    @Test(
        "What it does not allow is none",
        arguments: [
            "", "/", "a/", "/a", "a//b", "A", "a..b", "a___b", "a._b", ".a", "a.", "-a", "a-", "a_", "_a", "a/./b",
            "..", "a b", "a:b", "a%2fb", "a\\b", "é", "a\u{0}", "a-_b", String(repeating: "a", count: 256),
        ])
    func others(text: String) {
        #expect(RepositoryName(text) == nil)
    }

    @Test("The automaton agrees with the specification's regular expression")
    func property() throws {
        let regex = #/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*/#
        var random = Seeded.announced()
        for _ in 0..<5000 {
            let text = String(
                (0..<Int.random(in: 0...9, using: &random)).map { _ in
                    "ab0._-/A".randomElement(using: &random) ?? "a"
                })
            #expect((RepositoryName(text) != nil) == (text.wholeMatch(of: regex) != nil), "\(text)")
        }
    }
}
