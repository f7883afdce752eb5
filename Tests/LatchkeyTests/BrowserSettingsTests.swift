import AuthService
import Credentials
import Foundation
import TestSupport
import Testing

@testable import latchkey

@Suite("What the configuration says of browsers")
struct BrowserSettingsTests {
    private func read(_ http: String) throws -> Configuration {
        let folder = try TemporaryFolder()
        let path = try folder.write(
            "latchkey.yaml",
            "http: { auth: { htpasswd: { path: h }, apikey: true \(http) }\nstorage: { rootDirectory: d }\n")
        return try ConfigurationFile(path: path, environment: [:]).read()
    }

    private func complaint(_ http: String) throws -> String {
        do {
            _ = try read(http)
            return ""
        } catch let error as ConfigurationError {
            return "\(error)"
        }
    }

    @Test(
        "Origins are read by one rule wherever they stand: case, default ports and a slash at the end make no other of them"
    )
    func origins() throws {
        for text in [
            "https://Auth.Example.ORG", "https://auth.example.org:443", "https://auth.example.org/",
            "HTTPS://AUTH.example.org:443/",
        ] {
            let configuration = try read(
                ", openid: { callbackAllowOrigins: ['\(text)'], providers: { p: { issuer: 'https://i', clientid: c } } } }, externalURL: '\(text)', allowOrigin: '\(text)'"
            )
            let origin = WebOrigin("https://auth.example.org")
            #expect(configuration.externalOrigin == origin && configuration.allowedOrigins == [origin], "\(text)")
            #expect(
                configuration.openID?.returnOrigins == [origin].compactMap(\.self)
                    && configuration.loginOrigin == origin)
        }
        for text in [
            "https://auth.example.org/path", "https://müller.example", "auth.example.org", "https://user@a.example",
            "https://a.example:99999", "https://a.example?x", "https://127.1",
        ] {
            #expect(
                try complaint("}, externalURL: '\(text)'").contains("externalURL must be where clients come in"),
                "\(text)")
            #expect(try complaint("}, allowOrigin: '\(text)'").contains("allowOrigin must be origins"), "\(text)")
            #expect(
                try complaint(
                    ", openid: { callbackAllowOrigins: ['\(text)'], providers: { p: { issuer: 'https://i', clientid: c } } } }, externalURL: 'https://a'"
                )
                .contains("callbackAllowOrigins must be origins"), "\(text)")
        }
        #expect(try read("}, allowOrigin: 'https://a, *'").allowedOrigins.isEmpty, "any is any")
    }

    @Test("A cookie's domain that the server does not lie in is refused: no browser would keep the cookie")
    func cookieDomain() throws {
        for (domain, url) in [
            ("example.org", "https://auth.example.org"), ("auth.example.org", "https://auth.example.org:8443"),
            (".Example.org", "http://a.b.example.org"),
            ("example.org", "https://example.org"),
        ] {
            let configuration = try read(", sessions: { cookieDomain: '\(domain)' } }, externalURL: '\(url)'")
            #expect(configuration.sessions.cookieDomain?.contains("example.org") == true)
        }
        for (domain, url) in [
            ("example.org", "http://auth.corp.test"), ("auth.example.org", "https://example.org"),
            ("ample.org", "https://example.org"), ("example.org", "https://127.0.0.1"),
            ("x.example.org", "https://auth.example.org"),
        ] {
            let told = try complaint(", sessions: { cookieDomain: '\(domain)' } }, externalURL: '\(url)'")
            #expect(
                told.contains("cookieDomain is '\(domain)'") && told.contains("no browser would keep the cookie"),
                "\(told)")
        }
        for domain in ["org", ".org", "10.0.0.1", "localhost", "example.org/", "*.example.org", "exämple.org"] {
            #expect(
                try complaint(", sessions: { cookieDomain: '\(domain)' } }").contains(
                    "must be a domain such as example.org"), "\(domain)")
        }
    }

    @Test("A cookie for TLS where browsers come without, and the reverse, is told at the start and by the check")
    func secureSession() async throws {
        for (secure, url, word) in [
            ("true", "http://auth.example.org", "nobody can log in there"),
            ("false", "https://auth.example.org", "would go without TLS too"),
        ] {
            let notices = try read(", secureSession: \(secure) }, externalURL: '\(url)'").notices
            #expect(notices.contains { $0.contains("secureSession is \(secure)") && $0.contains(word) }, "\(notices)")
        }
        for (secure, url) in [("true", "https://a.example"), ("false", "http://a.example")] {
            #expect(try read(", secureSession: \(secure) }, externalURL: '\(url)'").notices.isEmpty)
        }
        #expect(try read(", secureSession: true }").notices.isEmpty)
        let folder = try TemporaryFolder()
        try folder.write("h", "alice:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        let path = try folder.write(
            "latchkey.yaml",
            "http: { auth: { htpasswd: { path: h }, apikey: true, secureSession: true }, externalURL: 'http://a.example' }\nstorage: { rootDirectory: d }\n"
        )
        let check = try await Latchkey.program.run(["check", "--config", path])
        #expect(check.standardOutput.contains("secureSession is true"), "\(check)")
    }

    @Test("Where managing keys by a session takes a fresh login is everywhere, unless an operator has zot's page")
    func freshLogin() throws {
        #expect(try read("}").keys.freshLogin == .everywhere)
        #expect(try read(", apiKeys: { freshLogin: pages } }").keys.freshLogin == .pages)
        #expect(try complaint(", apiKeys: { freshLogin: never } }").contains("freshLogin must be everywhere or pages"))
    }
}
