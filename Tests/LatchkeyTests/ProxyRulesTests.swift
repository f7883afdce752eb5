import Testing

@testable import latchkey

@Suite("Which proxy a provider is asked through")
struct ProxyRulesTests {
    private func proxy(_ environment: [String: String], _ url: String) throws -> String? {
        try ProxyRules(environment: environment).proxy(for: url).map { "\($0.host):\($0.port)" }
    }

    @Test("As curl: by the scheme, lower case first, and http by lower case alone")
    func schemes() throws {
        let both = ["HTTPS_PROXY": "http://up:1", "https_proxy": "http://low:2", "HTTP_PROXY": "http://x:3"]
        #expect(try proxy(both, "https://a.example/x") == "low:2")
        #expect(try proxy(["HTTPS_PROXY": "up:1"], "https://a.example") == "up:1")
        #expect(try proxy(both, "http://a.example") == nil, "a request could set it for a CGI program")
        #expect(try proxy(["http_proxy": "http://low:2/"], "http://a.example") == "low:2")
        #expect(try proxy(["http_proxy": "http://low:2"], "https://a.example") == nil)
        #expect(try proxy([:], "https://a.example") == nil && proxy(["https_proxy": ""], "https://a.example") == nil)
        #expect(try proxy(["https_proxy": "", "HTTPS_PROXY": "up:1"], "https://a.example") == "up:1", "empty is unset")
        #expect(try proxy(["HTTPS_PROXY": "proxy"], "https://a.example") == "proxy:1080")
        #expect(try proxy(["HTTPS_PROXY": "http://[::1]:3128"], "https://a.example") == "::1:3128")
    }

    @Test(
        "Names, domains, addresses and networks of no_proxy are asked directly",
        arguments: [
            ("*", "a.example", true), ("a.example", "a.example", true), ("example", "a.example", true),
            (".example", "a.example", true), ("x, example", "a.example", true), ("A.Example", "a.EXAMPLE", true),
            ("ample", "a.example", false), ("b.a.example", "a.example", false), ("", "a.example", false),
            ("10.0.0.0/8", "10.1.2.3", true), ("10.1.2.3", "10.1.2.3", true), ("10.0.0.0/8", "11.1.2.3", false),
            ("2.3", "10.1.2.3", false), ("[::1]", "[::1]", true), ("::1", "[::1]", true),
            ("a.example", "a.example.", true),
        ])
    func direct(_ list: String, _ host: String, _ isDirect: Bool) throws {
        for name in ["NO_PROXY", "no_proxy"] {
            let found = try proxy(["HTTPS_PROXY": "http://p:1", name: list], "https://\(host)/x")
            #expect((found == nil) == isDirect, "\(name)=\(list) \(host)")
        }
    }

    @Test("A proxy of another kind is refused by its name, and its password is not told")
    func refused() throws {
        for text in ["socks5://user:hunter2@p:1", "https://user:hunter2@p", "http://", "://", "http://user:hunter2@"] {
            do {
                _ = try ProxyRules(environment: ["HTTPS_PROXY": text])
                Issue.record("\(text) is none")
            } catch {
                #expect("\(error)".contains("HTTPS_PROXY") && !"\(error)".contains("hunter2"))
            }
        }
        let named = try #require(
            try ProxyRules(environment: ["HTTPS_PROXY": "http://me:p%40ss@p:1"]).proxy(for: "https://a"))
        #expect(named.user == "me" && named.password == "p@ss")
    }
}
