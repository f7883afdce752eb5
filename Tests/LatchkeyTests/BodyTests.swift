import Foundation
import TestSupport
import Testing

@Suite("Requests that announce a body", .serialized)
struct BodyTests {
    private let token = Data("amy:apple".utf8).base64EncodedString()

    private func server(_ more: String = "") async throws -> Latchkey {
        let folder = try TemporaryFolder()
        try folder.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        return try await Latchkey(
            auth: "htpasswd: { path: htpasswd }, apikey: true", http: more, folder: folder)
    }

    private func statuses(_ output: String) -> [String] {
        output.matches(of: #/HTTP/1.1 (\d+)/#).map { String($0.output.1) }
    }

    @Test(
        "A route that needs none answers at the head, and the connection ends: the body may never come",
        arguments: [
            ("GET", "1.0", "Content-Length: 77"), ("GET", "1.1", "Content-Length: 77"),
            ("POST", "1.1", "Transfer-Encoding: chunked"), ("GET", "1.1", "Transfer-Encoding: chunked"),
            ("PUT", "1.1", "Content-Length: 5000000000"), ("POST", "1.1", "Content-Length: 20"),
        ])
    func neverSent(method: String, version: String, header: String) async throws {
        let server = try await server()
        for (authorization, status) in [("", "401"), ("Authorization: Basic \(token)\\r\\n", "200")] {
            let start = ContinuousClock.now
            let output = try await server.exchange(
                "\(method) /auth/verify HTTP/\(version)\\r\\nHost: x\\r\\n\(authorization)\(header)\\r\\n\\r\\n")
            #expect(statuses(output) == [status] && output.lowercased().contains("connection: close"), "\(output)")
            #expect(ContinuousClock.now - start < .seconds(20))
        }
    }

    @Test("What comes as a body is never read as a request, whether it comes at once, later, or not to its end")
    func smuggled() async throws {
        let server = try await server()
        let hidden = "GET /healthz HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n"
        let head =
            "POST /auth/verify HTTP/1.1\\r\\nHost: x\\r\\nAuthorization: Basic \(token)\\r\\nContent-Length: 500\\r\\n\\r\\n"
        #expect(statuses(try await server.exchange(head + hidden)) == ["200"])
        #expect(statuses(try await server.exchange(head, hidden, hidden)) == ["200"])
        let whole = head.replacing("500", with: "38")
        #expect(
            statuses(try await server.exchange(whole, hidden)) == ["200"], "it came too late: the connection was ending"
        )
    }

    @Test("Whoever sends a body that is too long, all of it before a look at the answer, can read that at every route")
    func tooLong() async throws {
        let server = try await server()
        for size in [100_000, 1_000_000] {
            let body = try server.folder.write("body", String(repeating: "x", count: size))
            for (path, status) in [
                ("/zot/auth/apikey", "413"), ("/auth/verify", "200"), ("/auth/login", "413"),
                ("/auth/logout", "303 401 403 200"),
                ("/nothing", "404"), ("/v2/", "405"), ("/auth/apikey/revoke", "413"),
            ] {
                for _ in 0..<4 {
                    let answer = try await server.curl(
                        path, "-u", "amy:apple", "-H", "Expect:", "-H", "Accept: application/json", "--data-binary",
                        "@\(body)")
                    #expect(
                        status.contains(answer.status) && answer.status != "000", "\(path) \(size): \(answer.status)")
                }
            }
        }
    }

    @Test("A body that comes with its head costs nobody the connection")
    func together() async throws {
        let server = try await server()
        let request =
            "POST /auth/verify HTTP/1.1\\r\\nHost: x\\r\\nAuthorization: Basic \(token)\\r\\nContent-Length: 5\\r\\n\\r\\nhello"
        let last = "GET /healthz HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n"
        #expect(statuses(try await server.exchange(request + request + last)) == ["200", "200", "200"])
    }

    @Test("A client that asks first whether it may send its body is told to, where the body is wanted")
    func expectation() async throws {
        let server = try await server()
        let head = "POST /zot/auth/apikey HTTP/1.1\\r\\nHost: x\\r\\nAuthorization: Basic \(token)\\r\\n"
        let output = try await server.exchange(
            head + "Expect: 100-continue\\r\\nConnection: close\\r\\nContent-Length: 2\\r\\n\\r\\n", "{}")
        #expect(statuses(output) == ["100", "201"], "\(output)")
    }

    @Test(
        "A request that does not come within readTimeout ends its connection, and an answer goes out within writeTimeout"
    )
    func timeouts() async throws {
        let server = try await server("readTimeout: 500ms, writeTimeout: 5s")
        let start = ContinuousClock.now
        let part =
            "POST /zot/auth/apikey HTTP/1.1\\r\\nHost: x\\r\\nAuthorization: Basic \(token)\\r\\nContent-Length: 9\\r\\n\\r\\n{"
        #expect(statuses(try await server.exchange(part)).isEmpty)
        #expect(ContinuousClock.now - start < .seconds(20), "it did not wait for the end of exchange")
        #expect(try await server.curl("/zot/auth/apikey", "-u", "amy:apple", "-d", "{}").status == "201")
    }

    @Test("nginx's auth_request, set up as it is without a word about bodies, lets every POST through")
    func nginx() async throws {
        let server = try await server()
        let application = try await Nginx("location / { return 200 through; }")
        let nginx = try await Nginx(
            """
            location / { auth_request /auth; proxy_pass http://127.0.0.1:\(application.port); }
            location = /auth { internal; proxy_pass \(server.url)/auth/verify; }
            """)
        for body in ["", "x=1", String(repeating: "y", count: 100_000)] {
            let answer = try await nginx.curl("/", "-u", "amy:apple", "-X", "POST", "-d", body)
            #expect(answer == "200", "\(body.count) bytes")
            #expect(try await nginx.curl("/", "-u", "amy:pear", "-X", "POST", "-d", body) == "401")
        }
    }
}
