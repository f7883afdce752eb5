import Credentials
import TestSupport
import Testing

@Suite("Origins of addresses (RFC 6454)")
struct WebOriginTests {
    @Test(
        "An origin is told in the one form in which browsers send it",
        arguments: [
            ("https://auth.example.org", "https://auth.example.org"),
            ("https://auth.example.org:443", "https://auth.example.org"),
            ("http://auth.example.org:80", "http://auth.example.org"),
            ("http://auth.example.org:443", "http://auth.example.org:443"),
            ("https://auth.example.org:80", "https://auth.example.org:80"),
            ("HTTPS://Auth.Example.ORG", "https://auth.example.org"),
            ("https://auth.example.org:00443", "https://auth.example.org"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://[::1]:80", "http://[::1]"), ("http://[0:0:0:0:0:0:0:1]:8080", "http://[::1]:8080"),
            ("http://[2001:DB8::1:0:0:1]", "http://[2001:db8::1:0:0:1]"),
            ("http://[2001:db8:0:0:1:0:0:1]", "http://[2001:db8::1:0:0:1]"),
            ("http://[::ffff:127.0.0.1]", "http://[::ffff:7f00:1]"), ("http://[::]", "http://[::]"),
            ("http://[1::]", "http://[1::]"),
            ("http://localhost", "http://localhost"), ("http://my_app:3000", "http://my_app:3000"),
            ("https://xn--mller-kva.example", "https://xn--mller-kva.example"),
        ])
    func told(text: String, origin: String) throws {
        let read = try #require(WebOrigin(text))
        #expect("\(read)" == origin && WebOrigin(origin) == read)
        #expect(WebOrigin(written: text + "/") == read && WebOrigin(ofAddress: text + "/x?y=//z#@q") == read)
        #expect(WebOrigin(ofAddress: text + "?x") == read && WebOrigin(ofAddress: text + "#x") == read)
    }

    @Test(
        "What a browser and a library might read in two ways is none",
        arguments: [
            "", "null", "auth.example.org", "//auth.example.org", "https:auth.example.org", "https:/auth.example.org",
            "https://",
            "https:///x", "ftp://auth.example.org", "https://auth.example.org/", "https://auth.example.org//",
            "https://auth.example.org?x",
            "https://user@auth.example.org", "https://auth.example.org@evil.example", "https://auth.example.org:",
            "https://auth.example.org:0",
            "https://auth.example.org:65536", "https://auth.example.org:+80", "https://auth.example.org:443:443",
            "https://auth.example.org.",
            "https://.auth.example.org", "https://auth..example.org", " https://auth.example.org",
            "https://auth.example.org ",
            "https://auth.example.org\\evil", "https://auth%2eexample.org", "https://müller.example",
            "https://auth.example.org\u{301}",
            "https://[::1", "https://::1", "https://[::1]x", "https://[::1%25eth0]", "https://[1.2.3.4]",
            "https://127.1", "https://0x7f.0.0.1",
            "https://127.0.0.1.1", "https://1", "https://a.0x1", "https://127.0.0.01", "\u{212A}ttps://a",
            "https://\u{212A}", "https://a,https://b",
        ])
    func refused(text: String) {
        #expect(
            WebOrigin(text) == nil && WebOrigin(written: text + "/") == nil || text.hasSuffix("/") || text.isEmpty
                || text.hasSuffix("//"))
    }

    @Test("One slash at the end is a slip of whoever writes it, and two are a path")
    func written() {
        #expect(WebOrigin(written: "https://a.example/") == WebOrigin("https://a.example"))
        for text in ["https://a.example//", "https://a.example/x", "https://a.example/x/", "/", ""] {
            #expect(WebOrigin(written: text) == nil, "\(text)")
        }
    }

    @Test("A host lies within its own domain and those above it, and an address within none")
    func domains() throws {
        let host = try #require(WebOrigin("https://auth.corp.example.org:8443"))
        for domain in ["auth.corp.example.org", "corp.example.org", "example.org"] {
            #expect(host.isWithin(domain), "\(domain)")
        }
        for domain in ["x.auth.corp.example.org", "ample.org", "example.com", "corp.example", ""] {
            #expect(!host.isWithin(domain), "\(domain)")
        }
        for text in ["http://127.0.0.1", "http://[::1]"] {
            let address = try #require(WebOrigin(text))
            #expect(address.isAddress && !address.isWithin("0.0.1") && !address.isWithin("127.0.0.1"), "\(text)")
        }
    }

    @Test(
        "Whatever is read is told in a form that is read as the same again, in bytes of ASCII without anything behind the port"
    )
    func random() {
        var generator = Seeded.announced()
        let pieces = [
            "http://", "https://", "HTTPS://", "a", "B", "example", ".", ".", ":", "80", "443", "8080", "[", "]", "::",
            "1", "0x1", "/", "@", "\\", "%", "é", "\u{301}", "-", "_", "?", "#", "00",
        ]
        var read = 0
        for _ in 0..<100_000 {
            let text =
                pieces[Int.random(in: 0..<3, using: &generator)]
                + (0..<Int.random(in: 0...6, using: &generator)).map { _ in
                    pieces.randomElement(using: &generator) ?? ""
                }.joined()
            guard let origin = WebOrigin(text) else { continue }
            read += 1
            let told = "\(origin)"
            #expect(WebOrigin(told) == origin && "\(WebOrigin(told) ?? origin)" == told, "\(text)")
            #expect(told.wholeMatch(of: #/https?://([a-z0-9._-]+|\[[0-9a-f:]+\])(:[1-9][0-9]*)?/#) != nil, "\(text)")
            #expect(!told.hasSuffix(origin.isSecure ? ":443" : ":80"), "\(text)")
            #expect(
                WebOrigin(isSecure: origin.isSecure, authority: "\(origin.host):\(origin.port)") == origin, "\(text)")
            #expect(WebOrigin(ofAddress: told + "/\(text)") == origin, "\(text)")
        }
        #expect(read > 1000)
    }
}
