import Foundation
import TestSupport
import Testing

@testable import Sessions

@Suite("The session's cookie")
struct SessionCookieTests {
    private let cookie = SessionCookie(domain: nil, isSecure: true)
    private let token = SessionToken.random()

    /// The tokens that are found; nil if there is no cookie of the name.
    private func found(_ fields: String...) -> [String]? {
        let finding = cookie.find(in: fields)
        return finding.isThere ? finding.tokens.map(\.text) : nil
    }

    @Test("Over TLS no other host can set it; for several hosts, and without TLS, it has another name")
    func names() {
        #expect(
            cookie.setting(token, for: .seconds(60))
                == "__Host-latchkey=\(token.text); Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure")
        #expect(cookie.clearing == "__Host-latchkey=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure")
        let wide = SessionCookie(domain: "example.org", isSecure: true)
        #expect(wide.name == "__Secure-latchkey" && wide.clearing.contains("; Domain=example.org; Secure"))
        let plain = SessionCookie(domain: nil, isSecure: false)
        #expect(plain.name == "latchkey" && !plain.clearing.contains("Secure"))
    }

    @Test("What there may be of it for other hosts and domains is taken away by name, and its own is not among that")
    func elsewhere() {
        let wide = SessionCookie(domain: "example.org", isSecure: true)
        let values = wide.clearingElsewhere(at: "auth.corp.example.org")
        let domains = values.map { $0.firstMatch(of: #/Domain=([^;]+)/#).map { String($0.output.1) } ?? "" }
        #expect(domains == ["", "auth.corp.example.org", "corp.example.org"])
        #expect(
            values.allSatisfy { $0.hasPrefix("__Secure-latchkey=; Path=/; Max-Age=0; ") && $0.hasSuffix("; Secure") })
        #expect(wide.clearingElsewhere(at: nil).count == 1 && wide.clearingElsewhere(at: "localhost").count == 1)
        #expect(cookie.clearingElsewhere(at: "auth.example.org").isEmpty, "no other host can set that")
        let plain = SessionCookie(domain: nil, isSecure: false)
        #expect(plain.clearingElsewhere(at: "a.example.org").count == 2)
    }

    @Test("It is found among others, in several fields, with or without spaces")
    func found() {
        let pair = "__Host-latchkey=\(token.text)"
        for field in [
            pair, "a=b; \(pair)", "a=b;\(pair);c=d", "\(pair); __Host-latchkeys=x; latchkey=y", ";;; \t\(pair) ",
        ] {
            #expect(found(field.trimmingCharacters(in: .whitespaces)) == [token.text], "\(field)")
        }
        #expect(found("a=b", pair) == [token.text] && found(pair, pair) == [token.text])
        #expect(!cookie.find(in: [pair, pair]).hasSeveral)
    }

    @Test(
        "Of several that differ each that can be a token is told, in order, up to sixteen; what is no token is passed over"
    )
    func several() {
        let (pair, other) = ("__Host-latchkey=\(token.text)", SessionToken.random().text)
        #expect(found("\(pair); __Host-latchkey=\(other)") == [token.text, other])
        #expect(found("__Host-latchkey=\(other)", pair, pair) == [other, token.text])
        #expect(found(pair, "__Host-latchkey=") == [token.text] && found("__Host-latchkey=x; \(pair)") == [token.text])
        #expect(cookie.find(in: [pair, "__Host-latchkey="]).hasSeveral)
        let many = (0..<1000).map { _ in "__Host-latchkey=\(SessionToken.random().text)" }.joined(separator: "; ")
        #expect(found(many)?.count == 16)
        for value in [
            "", "x", token.text + "A", String(token.text.dropLast()), "\"\(token.text)\"",
            String(repeating: "é", count: 43),
        ] {
            #expect(found("__Host-latchkey=\(value)") == [], "\(value)")
        }
        for field in [
            "", "__Host-latchkey", "__host-latchkey=\(token.text)", "x__Host-latchkey=\(token.text)", "=\(token.text)",
        ] {
            #expect(found(field) == nil, "\(field)")
        }
    }

    @Test("Whatever a client sends, what is found is a token that stands there, or nothing")
    func random() {
        var generator = Seeded.announced()
        let pieces = [
            "__Host-latchkey", "=", ";", " ", "\t", "\"", ",", "é", "\u{0}", "%3d", "a", token.text, "latchkey=",
            "__Host-latchkey=\(token.text)",
        ]
        for _ in 0..<20_000 {
            let field = (0..<Int.random(in: 0...8, using: &generator)).map { _ in
                pieces.randomElement(using: &generator) ?? ""
            }.joined()
            for other in cookie.find(in: [field]).tokens {
                #expect(field.contains("__Host-latchkey=\(other.text)"), "\(field)")
            }
        }
    }

    @Test("A token has 256 bits, no two are the same, and none shows itself")
    func tokens() {
        let tokens = Set((0..<1000).map { _ in SessionToken.random().text })
        #expect(tokens.count == 1000 && tokens.allSatisfy { $0.wholeMatch(of: #/[A-Za-z0-9_-]{43}/#) != nil })
        var dumped = ""
        dump(token, to: &dumped)
        #expect(!"\(token) \(String(reflecting: token)) \(dumped)".contains(token.text))
    }
}
