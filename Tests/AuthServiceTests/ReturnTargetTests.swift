import Credentials
import TestSupport
import Testing

@testable import AuthService

@Suite("Where a browser may be sent after a login")
struct ReturnTargetTests {
    private let targets = ReturnTarget(
        origins: [
            "http://127.0.0.1:3000", "https://UI.example.org", "https://app.example.org:8443/", "http://[0:0::1]:3000",
        ].compactMap { WebOrigin(written: $0) })

    @Test(
        "Paths of this server and addresses at the origins that are named, with their default ports written or not",
        arguments: [
            "/", "/home", "/auth/whoami?x=1&y=%20z#top", "/a/../b", "/%2e%2e/x", "http://127.0.0.1:3000",
            "http://127.0.0.1:3000/home?x=//evil", "https://ui.example.org/home", "https://ui.example.org:443/home",
            "HTTPS://UI.EXAMPLE.ORG/home", "https://app.example.org:8443", "http://[::1]:3000/x",
        ])
    func allowed(text: String) { #expect(targets.allowed(text) == text) }

    @Test(
        "Nowhere else, however it is written",
        arguments: [
            "", "home", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/%5cevil.example",
            "/%5C%5Cevil.example", "/%2f/evil.example", "/%2F%2Fevil.example", "%2f%2fevil.example", "/\tevil",
            "/\n/evil", "/%0d%0aSet-Cookie:x", "/%09/evil.example",
            "/ /evil", "/\u{0}", "/é", "javascript:alert(1)", "data:text/html,x", "ftp://127.0.0.1:3000/",
            "http:evil.example",
            "http:/evil.example", "http:///evil.example", "http://evil.example", "http://127.0.0.1",
            "http://127.0.0.1:3001",
            "https://127.0.0.1:3000", "http://127.0.0.1:3000@evil.example/", "http://user@127.0.0.1:3000/",
            "http://127.0.0.1:3000\\@evil.example", "http://127.0.0.1:3000%40evil.example",
            "http://127.0.0.1:3000.evil.example",
            "https://ui.example.org.evil.example", "https://evil-ui.example.org", "https://ui.example.org:80",
            "https://ui.example.org.",
            "https://.ui.example.org", "https://ui.example.org:99999", "https://ui.example.org:",
            "https://ui。example.org",
            "https://ui.example.org:443:443/", "https://ui.example.org\t.evil.example/", " https://ui.example.org",
            "https://ui.example.org /",
            "//ui.example.org/home", "https:ui.example.org", "/%5C%CC%81evil.example", "/%2F%CC%81/evil.example",
            "http://127.1:3000/", "http://0x7f.1:3000/",
            "https://ui.example.org\u{301}/",
        ])
    func refused(text: String) { #expect(targets.allowed(text) == nil) }

    @Test("Where the cookie is for a domain, any of its hosts over TLS, and no other that only ends so")
    func domain() {
        let wide = ReturnTarget(origins: [], domain: "example.org")
        for text in ["https://example.org/", "https://a.example.org/x", "https://a.b.example.org:443"] {
            #expect(wide.allowed(text) == text)
        }
        for text in [
            "http://a.example.org/", "https://evilexample.org", "https://a.example.org:8443/",
            "https://example.org.evil",
        ] {
            #expect(wide.allowed(text) == nil, "\(text)")
        }
    }

    @Test("Whatever is taken begins with one slash and no second, or with an origin that is named")
    func random() {
        var generator = Seeded.announced()
        let pieces = [
            "/", "\\", "http://", "https://", "ui.example.org", "127.0.0.1:3000", "@", ":", "%2f", "%5c", "%09", "\t",
            ".", "evil", "?", "#", "[::1]:3000", "%",
        ]
        for _ in 0..<50_000 {
            let text = (0..<Int.random(in: 1...6, using: &generator)).map { _ in
                pieces.randomElement(using: &generator) ?? ""
            }.joined()
            guard let taken = targets.allowed(text) else { continue }
            let isPath = taken.wholeMatch(of: #/\/([^\/\\].*)?/#) != nil
            let rest = taken.firstMatch(
                of: #/^(http:\/\/127\.0\.0\.1:3000|https:\/\/ui\.example\.org|http:\/\/\[::1\]:3000)([\/?#].*)?$/#)
            #expect(isPath || rest != nil, "\(text)")
        }
    }
}
