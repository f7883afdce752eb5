import AuthService
import Foundation
import HTTPTypes
import NIOHTTP1
import TestSupport
import Testing

@testable import latchkey

@Suite("The target of a request")
struct RequestTargetTests {
    private func read(
        _ uri: String, _ method: HTTPMethod = .GET, hosts: [String] = ["own.example"],
        version: HTTPVersion = .http1_1
    ) -> HTTPRequestHead {
        let head = HTTPRequestHead(
            version: version, method: method, uri: uri, headers: HTTPHeaders(hosts.map { ("Host", $0) }))
        guard case .head(let read) = RequestTarget.normalized(.head(head)) else { return head }
        return read
    }

    @Test(
        "A whole address of http or https is its path, and its host counts (RFC 9112, 3.2.2)",
        arguments: [
            ("http://auth.example/v2/", "/v2/", "auth.example"),
            ("HTTPS://Auth.Example:8443/a?b=c", "/a?b=c", "Auth.Example:8443"),
            ("http://auth.example", "/", "auth.example"),
            ("http://auth.example?x=http://y/", "/?x=http://y/", "auth.example"),
            ("http://[::1]:8080/x//y", "/x//y", "[::1]:8080"), ("http://auth.example:/x", "/x", "auth.example:"),
            ("http://auth.example/http://b/", "/http://b/", "auth.example"), ("http://192.0.2.1/é", "/é", "192.0.2.1"),
        ])
    func absolute(uri: String, path: String, host: String) {
        let head = read(uri)
        #expect(head.uri == path && head.headers["Host"] == [host] && RequestTarget.answer(head) == nil)
        #expect(read(uri, hosts: [], version: .http1_0).headers["Host"] == [host])
        #expect(read(uri, hosts: []).headers["Host"].isEmpty, "HTTP/1.1 has one, or is refused")
        #expect(read(uri, hosts: ["a", "b"]).headers["Host"] == ["a", "b"], "two are refused too")
    }

    @Test(
        "A path stays as it is, whatever stands in it", arguments: ["/", "//x/", "/a?b", "/http://b/", "/*", "/@:%2F"])
    func origin(uri: String) {
        #expect(read(uri).uri == uri && read(uri).headers["Host"] == ["own.example"])
        #expect(RequestTarget.answer(read(uri)) == nil)
    }

    @Test(
        "Everything else is 400: other schemes, users, no host, and what two readers would read as two hosts",
        arguments: [
            "", "v2/", "*", "auth.example:443", "ftp://auth.example/v2/", "http:/auth.example/", "http:auth.example",
            "http://",
            "http:///v2/", "http://a@auth.example/v2/", "http://a:b@auth.example/", "http://auth.example#x",
            "http://a b/",
            "http://auth.example\\v2/", "http://auth.example:99999/", "http://auth.example:x/", "http://[::1/",
            "http://é.example/",
            "file:///etc/passwd", "://auth.example/", "javascript:/v2/",
        ])
    func refused(uri: String) {
        let answer = RequestTarget.answer(read(uri))
        #expect(answer?.status.code == 400, "\(uri) \(read(uri).uri)")
    }

    @Test("The whole server is asked about by OPTIONS alone; a proxy's method connects nobody")
    func otherForms() {
        for uri in ["*", "http://auth.example"] {
            let head = read(uri, .OPTIONS)
            #expect(head.uri == "*" && RequestTarget.answer(head)?.status.code == 204)
        }
        #expect(read("http://auth.example/", .OPTIONS).uri == "/")
        let answer = RequestTarget.answer(read("auth.example:443", .CONNECT))
        #expect(answer?.status.code == 405 && answer?.headers[.allow]?.isEmpty == false)
    }

    @Test("Whatever comes is a path, or is answered; and a path is never made anything else")
    func property() {
        var generator = Seeded.announced()
        let pieces = [
            "http", "https", "HTTP", ":", "//", "/", "?", "#", "@", "a.example", "[::1]", "80", "*", "\\", "%2f", "é",
            "\u{301}", " ",
        ]
        for _ in 0..<5000 {
            let uri = (0..<Int.random(in: 0..<8, using: &generator)).map { _ in
                pieces.randomElement(using: &generator) ?? ""
            }
            .joined()
            let head = read(uri)
            let isPath = head.uri.utf8.first == UInt8(ascii: "/")
            #expect(isPath == (RequestTarget.answer(head) == nil), "\(uri)")
            if uri.utf8.first == UInt8(ascii: "/") { #expect(head.uri == uri) }
            if isPath, uri.utf8.first != UInt8(ascii: "/") { #expect(uri.lowercased().hasPrefix("http"), "\(uri)") }
        }
    }

    @Test(
        "From outside: an absolute form is answered as its path is, with no more rights, and its host counts for pages")
    func server() async throws {
        let folder = try TemporaryFolder()
        try folder.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        let server = try await Latchkey(
            auth: "htpasswd: { path: htpasswd }, apikey: true",
            http: "trustedProxies: [192.0.2.1], accessControl: { repositories: { 'a/**': { defaultPolicy: [read] } } }",
            folder: folder)
        let token = Data("amy:apple".utf8).base64EncodedString()
        func status(_ line: String, _ fields: String...) async throws -> String {
            let head = ["\(line) HTTP/1.1", "Host: x"] + fields + ["Connection: close"]
            let answer = try await server.exchange(head.joined(separator: "\\r\\n") + "\\r\\n\\r\\n")
            return answer.split(separator: " ").dropFirst().first.map { String($0) } ?? answer
        }
        let basic = "Authorization: Basic \(token)"
        for form in ["", "http://auth.example", "https://auth.example:8443", "HTTP://auth.example"] {
            #expect(try await status("GET \(form)/v2/", basic) == "200", "\(form)")
            #expect(try await status("GET \(form)/v2/") == "401", "\(form)")
            #expect(try await status("GET \(form)/auth/verify?scope=a/b:read", basic) == "200", "\(form)")
            #expect(try await status("GET \(form)/auth/verify?scope=a/b:delete", basic) == "403", "\(form)")
            #expect(
                try await status(
                    "GET \(form)/auth/verify?registry", basic, "X-Original-Method: GET", "X-Original-URI: /v2/")
                    == "400")
            #expect(try await status("POST \(form)/flush?user=amy", basic) == "404", "\(form)")
            #expect(try await status("GET \(form)/nothing", basic) == "404", "\(form)")
            let path = "\(form)/zot/auth/apikey"
            let made = try await server.curl("/", "-u", "amy:apple", "--request-target", path, "-d", "{}")
            #expect(made.status == "201", "its body is waited for")
            let long = String(repeating: "x", count: 9000)
            #expect(try await server.curl("/", "-u", "amy:apple", "--request-target", path, "-d", long).status == "413")
        }
        // A page of ours is one of the host that the address names.
        let form = ["Content-Type: application/x-www-form-urlencoded", "Content-Length: 0"]
        #expect(
            try await status("POST http://auth.example/auth/login", form[0], form[1], "Origin: http://auth.example")
                == "400",
            "it is ours, and incomplete")
        #expect(try await status("POST http://auth.example/auth/login", form[0], form[1], "Origin: http://x") == "403")
        #expect(try await status("OPTIONS *") == "204")
        #expect(try await status("GET *") == "400")
        #expect(try await status("CONNECT auth.example:443") == "405")
        #expect(try await status("GET ftp://auth.example/v2/", basic) == "400")
        let hostless = "GET http://auth.example/v2/ HTTP/1.1\\r\\n\(basic)\\r\\nConnection: close\\r\\n\\r\\n"
        #expect(try await server.exchange(hostless).hasPrefix("HTTP/1.1 400"))
    }
}
