import TestSupport

/// Names and patterns over a small alphabet, in which random ones meet often.
enum Names {
    /// Every name of up to some bytes over `a`, `b`, `-` and `/`.
    static func all(upTo length: Int) -> [String] {
        var (all, last): ([String], [String]) = ([], [""])
        for _ in 0..<length {
            last = last.flatMap { prefix in ["a", "b", "-", "/"].map { prefix + $0 } }
            all += last
        }
        return all.filter(isName)
    }

    /// Naive: each component is words joined by hyphens.
    static func isName(_ text: String) -> Bool {
        text.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
            !$0.isEmpty && $0.first != "-" && $0.last != "-"
        }
    }

    /// A random pattern, well-formed or not.
    static func pattern(_ random: inout Seeded) -> String {
        let parts = [
            "a", "b", "-", "/", "*", "**", "?", "[ab]", "[^a]", "[!a-b]", "[a-z]", "{a,b}", "{a/b,b}", "{,a,{b,**}}",
            "/**", "**/",
            "\\a", "\\*", "a", "/",
        ]
        return (0..<Int.random(in: 1...5, using: &random)).map { _ in
            parts.randomElement(using: &random) ?? "a"
        }.joined()
    }
}
