import Foundation
import TestSupport
import Testing

@testable import latchkey

@Suite("What a client may take up", .serialized)
struct LimitsTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
    }

    private func server(_ limits: String, _ more: String = "") async throws -> Latchkey {
        let operations = try Ports.free()
        return try await Latchkey(
            auth: "htpasswd: { path: htpasswd }, apikey: true",
            http: "limits: { \(limits) }, operations: { port: \(operations) } \(more)", folder: folder)
    }

    private func metric(_ name: String, _ server: Latchkey) async throws -> Int? {
        let text = try folder.text("latchkey.yaml")
        let port = try #require(text.firstMatch(of: #/operations: \{ port: (\d+)/#)).1
        let page = try await Program("curl", package: "curl").run(["-s", "http://127.0.0.1:\(port)/metrics"])
        let line = page.standardOutput.split(separator: "\n").first { $0.hasPrefix(name + " ") }
        return line?.split(separator: " ").last.flatMap { Int($0) }
    }

    @Test("A header of too many bytes or fields is 431 and ends the connection; one at the limit is answered")
    func header() async throws {
        let server = try await server("headerBytes: 2048, headerFields: 10")
        func status(_ fields: Int, length: Int) async throws -> String {
            // curl sends Host, User-Agent, Accept and Authorization.
            let more = (0..<fields).flatMap { ["-H", "X-\($0): \(String(repeating: "a", count: length))"] }
            let output = try await Program("curl", package: "curl").run(
                ["-s", "-o", "/dev/null", "-w", "%{http_code} %header{connection}", "-u", "amy:apple"] + more
                    + [server.url + "/v2/"])
            return output.standardOutput.trimmingCharacters(in: .whitespaces)
        }
        #expect(try await status(6, length: 10) == "200")
        #expect(try await status(7, length: 10) == "431 close")
        #expect(try await status(1, length: 1700) == "200")
        #expect(try await status(1, length: 2048) == "431 close")
    }

    @Test("A body longer than the operator allows is 413, also where its route takes more")
    func body() async throws {
        let server = try await server("bodyBytes: 300")
        func status(_ length: Int) async throws -> String {
            let label = String(repeating: "a", count: length - "{\"label\":\"\"}".utf8.count)
            return try await server.curl("/zot/auth/apikey", "-u", "amy:apple", "-d", "{\"label\":\"\(label)\"}").status
        }
        #expect(try await status(200) == "201")
        #expect(try await status(301) == "413")
    }

    @Test("After so many requests a connection ends, with the last answer saying so")
    func requests() async throws {
        let server = try await server("requestsPerConnection: 2")
        let request = "GET /auth/verify HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n"
        let output = try await server.exchange(request + request + request)
        let answers = output.components(separatedBy: "HTTP/1.1 401").dropFirst()
        #expect(answers.count == 2)
        #expect(answers.map { $0.lowercased().contains("connection: close") } == [false, true])
    }

    @Test("A request that comes a byte at a time is cut off, and so is a body; one after another in time is not")
    func slow() async throws {
        let server = try await server("requestTimeout: 700ms")
        let heads = try HeldConnections(server.port, 20)
        let bodies = try HeldConnections(server.port, 20)
        let idle = try HeldConnections(server.port, 20)
        heads.send("GET /v2/ HTTP/1.1\r\n")
        bodies.send(
            "POST /zot/auth/apikey HTTP/1.1\r\nHost: x\r\nAuthorization: Basic YW15OmFwcGxl\r\nContent-Length: 900\r\n\r\n"
        )
        try await eventually("both are cut off") {
            heads.send("x")
            bodies.send("x")
            return heads.closed == 20 && bodies.closed == 20
        }
        // Nothing has begun on these.
        #expect(idle.closed == 0)
        for _ in 0..<3 { #expect(try await server.curl("/v2/", "-u", "amy:apple").status == "200") }
    }

    @Test("Where there are too many connections, one that waits for its client gives way to the next")
    func whole() async throws {
        let server = try await server("connections: 20")
        let held = try HeldConnections(server.port, 100)
        for _ in 0..<10 { #expect(try await server.curl("/v2/", "-u", "amy:apple").status == "200") }
        try await eventually("all but twenty are closed") { held.closed >= 80 }
        try await eventually("they are counted") {
            let open = try await metric("latchkey_connections", server) ?? 100
            return try await metric("latchkey_connections_given_way_total", server) ?? 0 >= 80 && open <= 21
        }
    }

    @Test("A connection that waits gives way to one on another event loop, of which none waits")
    func elsewhere() async throws {
        let server = try await server("connections: 1")
        for _ in 0..<20 {
            let held = try HeldConnections(server.port, 1)
            #expect(try await server.curl("/v2/", "-u", "amy:apple").status == "200")
            try await eventually("it is closed") { held.closed == 1 }
        }
    }

    @Test("From one address come so many connections and no more; a trusted proxy may have more")
    func address() async throws {
        let server = try await server("connectionsPerAddress: 5")
        let held = try HeldConnections(server.port, 9)
        try await eventually("those past the limit are closed") { held.closed == 4 }
        #expect(try await metric("latchkey_connections_refused_total{limit=\"connectionsPerAddress\"}", server) == 4)
        let other = try LimitsTests()
        let proxied = try await other.server("connectionsPerAddress: 5", ", trustedProxies: [127.0.0.1]")
        let more = try HeldConnections(proxied.port, 50)
        for _ in 0..<3 { #expect(try await proxied.curl("/v2/", "-u", "amy:apple").status == "200") }
        #expect(more.closed == 0)
    }

    @Test("Two thousand slow connections of slowhttptest keep nobody out, and are closed")
    func slowloris() async throws {
        let server = try await server("requestTimeout: 30s")
        let slow = try Program("slowhttptest", package: "slowhttptest").start(
            ["-H", "-c", "2000", "-r", "2000", "-i", "1", "-l", "90", "-p", "3", "-u", server.url + "/v2/"],
            output: folder.url("slow"), error: folder.url("slow"))
        defer { slow.signal(SIGKILL) }
        try await eventually("they are there", within: .seconds(120)) {
            try await metric("latchkey_connections", server) ?? 0 > 1000
        }
        for _ in 0..<20 { #expect(try await server.curl("/v2/", "-m", "20", "-u", "amy:apple").status == "200") }
        try await eventually("they are closed", within: .seconds(120)) {
            try await metric("latchkey_connections", server) ?? 2000 < 10
        }
    }
}
