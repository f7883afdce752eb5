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

    /// A client that sends all that it has before it looks at the answer, and reads until the connection ends. What it prints is the answer's first
    /// line, or why there is none.
    private static let blunt = """
        import socket, ssl, sys
        port, authority, path, size = int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
        connection = socket.create_connection(("127.0.0.1", port), 20)
        if authority:
            connection = ssl.create_default_context(cafile=authority).wrap_socket(connection, server_hostname="localhost")
        head = f"POST {path} HTTP/1.1\\r\\nHost: localhost\\r\\nAuthorization: Basic \(Data("amy:apple".utf8).base64EncodedString())\\r\\n"
        try:
            connection.sendall((head + f"Content-Length: {size}\\r\\n\\r\\n").encode())
            for _ in range(0, size, 1000): connection.sendall(b"x" * 1000)
            print(connection.recv(65536).split(b"\\r\\n")[0].decode())
        except OSError as error: print("no answer:", error)
        """

    @Test(
        "So can a client that looks at nothing before all is sent, and clients over TLS and HTTP/2",
        arguments: ["/zot/auth/apikey", "/auth/login", "/auth/verify", "/nothing"])
    func tooLongElsewhere(path: String) async throws {
        let certificates = try await Certificates()
        let secure = try await server("tls: { cert: \(certificates.certificate), key: \(certificates.key) }")
        let plain = try await server()
        let expected = ["/auth/verify": "200", "/nothing": "404"][path] ?? "413"
        for size in [100_000, 1_000_000] {
            let body = try secure.folder.write("body", String(repeating: "x", count: size))
            for _ in 0..<4 {
                for (port, authority) in [(plain.port, ""), (secure.port, certificates.authority)] {
                    let output = try await Program("python3", package: "python3").run(
                        ["-c", Self.blunt, "\(port)", authority, path, "\(size)"])
                    #expect(output.standardOutput.hasPrefix("HTTP/1.1 \(expected) "), "\(size) \(authority) \(output)")
                }
                for (server, version) in [
                    (secure, "--http1.1"), (secure, "--http2"), (plain, "--http2-prior-knowledge"),
                ] {
                    let answer = try await server.curl(
                        path, "--cacert", certificates.authority, version, "-m", "20", "-u", "amy:apple", "-H",
                        "Expect:", "-H", "Accept: application/json", "--data-binary", "@\(body)")
                    #expect(answer.status == expected, "\(version) \(size) \(answer)")
                }
                let nghttp = try await Program("nghttp", package: "nghttp2-client").run([
                    "-v", "--no-verify-peer", "-t", "20", "-H", ":method: POST", "-H",
                    "authorization: Basic \(token)", "-d", body, secure.url + path,
                ])
                #expect(
                    nghttp.standardOutput.contains(":status: \(expected)"),
                    "\(size) \(nghttp.standardOutput.suffix(2000))")
            }
        }
    }

    @Test("A body without end ends the connection, after a while or so many bytes")
    func endless() async throws {
        let server = try await server()
        let output = try await Program("python3", package: "python3").run(
            ["-c", Self.blunt, "\(server.port)", "", "/zot/auth/apikey", "50000000"])
        #expect(output.standardOutput.hasPrefix("no answer:") || output.standardOutput.hasPrefix("HTTP/1.1 413"))
    }

    @Test("A web server that sends an authorizer a body all the same reads its answer, and then the end")
    func fastCGI() async throws {
        let folder = try TemporaryFolder()
        let port = try Ports.free()
        let server = try await server("fastcgi: '127.0.0.1:\(port)'")
        let script = """
            import socket, struct, sys
            def record(kind, content=b""): return struct.pack(">BBHHBx", 1, kind, 1, len(content), 0) + content
            def pair(name, value): return bytes([len(name), len(value)]) + name + value
            connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 20)
            variables = pair(b"REQUEST_METHOD", b"POST") + pair(b"REQUEST_URI", b"/x") + pair(b"REMOTE_ADDR", b"192.0.2.1")
            try:
                connection.sendall(record(1, struct.pack(">HB5x", 2, 0)) + record(4, variables) + record(4))
                for _ in range(1000): connection.sendall(record(5, b"x" * 1000))
                connection.sendall(record(5))
                answer = b""
                while True:
                    part = connection.recv(65536)
                    if not part: break
                    answer += part
                print("Status: 401" if b"Status: 401" in answer else answer)
            except OSError as error: print("no answer:", error)
            """
        for _ in 0..<6 {
            let output = try await Program("python3", package: "python3").run(
                ["-c", script, "\(port)"], folder: folder.root)
            #expect(output.standardOutput == "Status: 401\n", "\(output)")
        }
        #expect(await server.stop() == 0)
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

    @Test("One who asks first, of a body that is too long, is told so at once, and not to send it")
    func vainExpectation() async throws {
        let server = try await server()
        let head = "POST /zot/auth/apikey HTTP/1.1\\r\\nHost: x\\r\\nAuthorization: Basic \(token)\\r\\n"
        let output = try await server.exchange(head + "Expect: 100-continue\\r\\nContent-Length: 100000\\r\\n\\r\\n")
        #expect(statuses(output) == ["413"] && output.lowercased().contains("connection: close"), "\(output)")
        let body = try server.folder.write("long", String(repeating: "x", count: 100_000))
        let answer = try await server.curl(
            "/zot/auth/apikey", "-u", "amy:apple", "-H", "Expect: 100-continue", "--data-binary", "@\(body)")
        #expect(answer.status == "413")
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
