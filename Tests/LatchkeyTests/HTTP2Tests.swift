import Foundation
import TestSupport
import Testing

@Suite("HTTP/2, by curl, nghttp2's h2load and over HAProxy", .serialized)
struct HTTP2Tests {
    private let folder: TemporaryFolder
    private let certificates: Certificates

    init() async throws {
        folder = try TemporaryFolder()
        certificates = try await Certificates()
        try folder.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
    }

    private var tls: String { "tls: { cert: \(certificates.certificate), key: \(certificates.key) }" }

    private func server(_ http: String) async throws -> Latchkey {
        try await Latchkey(auth: "htpasswd: { path: htpasswd }, apikey: true", http: http, folder: folder)
    }

    /// The version, the status and the body of an answer.
    private func curl(_ server: Latchkey, _ path: String, _ arguments: String...) async throws -> (String, String) {
        let output = try await Program("curl", package: "curl").run(
            ["-s", "--cacert", certificates.authority, "-w", "\n%{http_version} %{http_code}"] + arguments
                + [server.url + path])
        let lines = output.standardOutput.split(separator: "\n", omittingEmptySubsequences: false)
        return (lines.last.map(String.init) ?? "", lines.dropLast().joined(separator: "\n"))
    }

    @Test(
        "Over TLS by ALPN, without it by prior knowledge; who speaks HTTP/1.1 is answered as before",
        arguments: [true, false])
    func versions(isEncrypted: Bool) async throws {
        let server = try await server(isEncrypted ? tls : "")
        let how = isEncrypted ? "--http2" : "--http2-prior-knowledge"
        #expect(try await curl(server, "/auth/whoami", how, "-u", "amy:apple").0 == "2 200")
        #expect(try await curl(server, "/auth/whoami", how, "-u", "amy:pear").0 == "2 401")
        #expect(try await curl(server, "/auth/whoami", "--http1.1", "-u", "amy:apple").0 == "1.1 200")
        #expect(try await curl(server, "/nothing", how, "-u", "amy:apple").0 == "2 404")
        #expect(try await curl(server, "/v2/", how, "-I", "-u", "amy:apple").0 == "2 200")
        let (status, body) = try await curl(
            server, "/zot/auth/apikey", how, "-u", "amy:apple", "-d", "{\"label\":\"two\"}")
        #expect(status == "2 201" && body.contains("\"label\":\"two\""))
        let key = try #require(body.firstMatch(of: #/zak_[0-9a-f]{32}/#)).output
        #expect(try await curl(server, "/auth/verify", how, "-u", "amy:\(key)").0 == "2 200")
        // A body that nobody reads, and one that is too long.
        let long = try folder.write("long", String(repeating: "a", count: 20_000))
        #expect(
            try await curl(server, "/auth/verify", how, "-u", "amy:apple", "--data-binary", "@\(long)").0 == "2 200")
        #expect(
            try await curl(server, "/zot/auth/apikey", how, "-u", "amy:apple", "--data-binary", "@\(long)").0 == "2 413"
        )
        let fields = (0..<200).flatMap { ["-H", "X-\($0): a"] }
        let output = try await Program("curl", package: "curl").run(
            ["-s", "-o", "/dev/null", "--cacert", certificates.authority, how, "-w", "%{http_code}"] + fields + [
                server.url + "/v2/"
            ])
        #expect(output.standardOutput == "431")
    }

    @Test("It can be turned off")
    func off() async throws {
        let server = try await server("\(tls), http2: false")
        #expect(try await curl(server, "/v2/", "--http2", "-u", "amy:apple").0 == "1.1 200")
    }

    @Test(
        "A hundred requests at once on one connection are all answered, the refused no earlier than they may",
        arguments: [true, false])
    func load(isEncrypted: Bool) async throws {
        let server = try await server(isEncrypted ? tls : "")
        let h2load = try Program("h2load", package: "nghttp2-client")
        let authorization = "authorization: Basic \(Data("amy:apple".utf8).base64EncodedString())"
        let output = try await h2load.run(
            ["-n", "2000", "-c", "4", "-m", "100", "-H", authorization, "\(server.url)/auth/verify"])
        #expect(output.standardOutput.contains("2000 succeeded, 0 failed, 0 errored, 0 timeout"), "\(output)")
        #expect(output.standardOutput.contains("status codes: 2000 2xx"), "\(output)")
    }

    @Test("After requestsPerConnection the client is told to make another connection, and nothing is lost")
    func goingAway() async throws {
        let server = try await server("\(tls), limits: { requestsPerConnection: 3 }")
        let urls = (0..<7).flatMap { _ in [server.url + "/v2/", "-o", "/dev/null"] }
        let output = try await Program("curl", package: "curl").run(
            [
                "-s", "--cacert", certificates.authority, "--http2", "-u", "amy:apple", "-w",
                "%{http_code}:%{num_connects}\n",
            ] + urls)
        let lines = output.standardOutput.split(separator: "\n")
        #expect(lines.count == 7 && lines.allSatisfy { $0.hasPrefix("200:") }, "\(output)")
        #expect(lines.count { $0.hasSuffix(":1") } >= 2, "\(output)")
    }

    @Test(
        "What is no HTTP/2 after its first words, and what never goes on, ends; a server that stops answers what was asked"
    )
    func broken() async throws {
        let server = try await server("limits: { requestTimeout: 500ms }")
        let preface = "PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n"
        // Each ends by itself, or exchange would wait for its 20 seconds.
        let start = ContinuousClock.now
        _ = try await server.exchange(preface + String(repeating: "x", count: 200))
        _ = try await server.exchange("PRI * HT")
        #expect(ContinuousClock.now - start < .seconds(20), "neither has waited for the end of exchange")
        #expect(try await curl(server, "/v2/", "--http2-prior-knowledge", "-u", "amy:apple").0 == "2 200")
        #expect(await server.stop() == 0)
    }

    @Test("An upload that stops halfway is ended, and so is a request that only begins")
    func slow() async throws {
        let server = try await server("limits: { requestTimeout: 700ms }")
        let start = ContinuousClock.now
        let output = try await Program("sh", package: "dash").run(
            [
                "-c",
                "(printf '{'; sleep 5) | curl -s -m 20 --http2-prior-knowledge -u amy:apple -H 'Content-Length: 9' -T - -X POST \"$0\"; echo $?",
                server.url + "/zot/auth/apikey",
            ])
        #expect(!output.standardOutput.contains("apiKey"))
        #expect(ContinuousClock.now - start < .seconds(40))
    }

    @Test("HAProxy asks by HTTP/2 without TLS, and its clients by any version")
    func haproxy() async throws {
        let server = try await server("trustedProxies: [127.0.0.1]")
        let port = try Ports.free()
        let path = try folder.write(
            "haproxy.cfg",
            """
            defaults
              mode http
              timeout connect 5s
              timeout client 20s
              timeout server 20s
            listen l
              bind 127.0.0.1:\(port)
              option forwardfor
              server l 127.0.0.1:\(server.port) proto h2

            """)
        let proxy = try Program("haproxy", package: "haproxy").start(
            ["-f", path], output: folder.url("haproxy"), error: folder.url("haproxy"))
        defer { proxy.signal(SIGKILL) }
        try await eventually("HAProxy listens") { Ports.isOpen(port) }
        for (user, status) in [("amy:apple", "200"), ("amy:pear", "401")] {
            let output = try await Program("curl", package: "curl").run(
                ["-s", "-o", "/dev/null", "-w", "%{http_code}", "-u", user, "http://127.0.0.1:\(port)/v2/"])
            #expect(output.standardOutput == status)
        }
    }
}
