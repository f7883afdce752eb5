import Foundation
import TestSupport
import Testing

@testable import latchkey

@Suite("Reading the configuration again", .serialized)
struct ReloadTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        try folder.write("others", "bob:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
    }

    private func configuration(_ port: Int, http: String = "", auth: String = "", log: String = "") -> String {
        """
        http: { port: \(port), auth: { failDelay: 0, htpasswd: { path: htpasswd }, apikey: true\(auth) }\(http) }
        storage: { rootDirectory: data }
        log: { audit: audit.log\(log) }
        """
    }

    private func server() async throws -> Latchkey {
        try await Latchkey(configuration: { configuration($0) }, folder: folder)
    }

    private func write(_ text: String) throws { try folder.write("latchkey.yaml", text) }

    private func reloaded(_ server: Latchkey, _ count: Int = 1) async throws {
        try await eventually("it was read again") {
            try server.log.components(separatedBy: "is in force").count > count
        }
    }

    @Test(
        "SIGHUP takes a new configuration into force: realm, sources, policy, listeners, log level; and drops no connection"
    )
    func signal() async throws {
        let server = try await server()
        let (key, _) = try await server.createKey("amy:apple")
        // A connection that is there before, and asks again and again.
        let script = """
            exec 3<>/dev/tcp/127.0.0.1/\(server.port)
            ask() { printf 'GET /v2/ HTTP/1.1\\r\\nHost: x\\r\\nAuthorization: Basic %s\\r\\n\\r\\n' "$1" >&3
                while read -r -t 10 line <&3 && [ "$line" != $'\\r' ]; do case "$line" in HTTP*) echo "$line" ;; Content-Length*) n=${line//[!0-9]/} ;; esac; done
                head -c "$n" <&3 > /dev/null; }
            ask "$1"; touch before; while [ ! -e after ]; do sleep 0.05; done; ask "$1"; ask "$2"
            """
        let (amy, bob) = (Data("amy:\(key)".utf8).base64EncodedString(), Data("bob:apple".utf8).base64EncodedString())
        let folder = folder
        async let asked = Program("bash", package: "bash").run(["-c", script, "x", amy, bob], folder: folder.root)
        try await eventually("the connection is there") {
            FileManager.default.fileExists(atPath: folder.path("before"))
        }
        let port = try Ports.free()
        try write(
            configuration(
                server.port,
                http:
                    ", realm: another, operations: { port: \(port) }, accessControl: { repositories: { 'a/**': { defaultPolicy: [read] } } }",
                log: ", level: debug"
            ).replacing("path: htpasswd", with: "path: others"))
        server.signal(SIGHUP)
        try await reloaded(server)
        #expect(try await server.curl("/v2/", "-D", "-").body.contains("realm=\"another\""))
        #expect(try await server.curl("/v2/", "-u", "bob:apple").status == "200")
        #expect(
            try await server.curl("/v2/", "-u", "amy:apple").status == "401", "the file of before is not asked any more"
        )
        #expect(try await server.curl("/v2/", "-u", "amy:\(key)").status == "401", "nor does it vouch for owners")
        #expect(try await server.curl("/auth/verify?scope=a/b", "-u", "bob:apple").status == "200")
        #expect(try await server.curl("/auth/verify?scope=b/b", "-u", "bob:apple").status == "403")
        #expect(try await server.curl("/metrics").status == "404")
        let metrics = try await Program("curl", package: "curl").run(["-s", "http://127.0.0.1:\(port)/metrics"])
        #expect(metrics.standardOutput.contains(#"latchkey_configuration_reloads_total{result="success"} 1"#))
        #expect(metrics.standardOutput.contains("latchkey_credentials_total{outcome=\"authenticated\"}"))
        try folder.write("after", "")
        let output = try await asked.standardOutput.split(whereSeparator: \.isNewline).map { $0.prefix(12) }
        #expect(
            output == ["HTTP/1.1 200", "HTTP/1.1 401", "HTTP/1.1 200"], "one connection, before and after: \(output)")

        // Back again: the listener of the operators goes.
        try write(configuration(server.port))
        server.signal(SIGHUP)
        try await reloaded(server, 2)
        #expect(try await server.curl("/v2/", "-u", "amy:apple").status == "200")
        // A file that had her not was in force: to it the name may be somebody else's by now.
        #expect(try await server.curl("/v2/", "-u", "amy:\(key)").status == "401")
        #expect(try await server.curl("/metrics").status == "200")
        try await eventually("nobody listens there any more") { !Ports.isOpen(port) }
        #expect(await server.stop() == 0)
    }

    @Test(
        "A file that changes is read again by itself; one that is broken leaves all as it is, and log, readyz and metric say so"
    )
    func broken() async throws {
        let server = try await server()
        #expect(try await server.curl("/readyz").body.contains("\"status\":\"ready\""))
        for (text, message) in [
            ("http: {", "latchkey.yaml"), ("htp: {}", "did you mean 'http'?"),
            (
                configuration(server.port).replacing("rootDirectory: data", with: "rootDirectory: other"),
                "storage.rootDirectory: can't change"
            ),
            (configuration(server.port).replacing("audit: audit.log", with: "audit: b.log"), "log.audit: can't change"),
            (configuration(server.port, http: ", operations: { port: \(server.port) }"), "Address already in use"),
            (configuration(server.port).replacing("path: htpasswd", with: "path: nowhere"), "nowhere can't be read"),
            (
                configuration(server.port, http: ", tls: { cert: nowhere, key: nowhere }"),
                "nowhere: is no readable certificate"
            ),
        ] {
            try write(text)
            server.signal(SIGHUP)
            try await eventually("the log says why: \(message)") {
                try server.log.contains("stays in force") && server.log.contains(message)
            }
            #expect(try await server.curl("/v2/", "-u", "amy:apple").status == "200")
        }
        #expect(try await server.curl("/readyz").body.contains("\"status\":\"degraded\""))
        #expect(try await server.curl("/metrics").body.contains("latchkey_configuration_current 0"))
        // No signal: it is seen by itself.
        try write(configuration(server.port, http: ", realm: by itself"))
        try await reloaded(server)
        #expect(try await server.curl("/v2/", "-D", "-").body.contains("realm=\"by itself\""))
        #expect(try await server.curl("/readyz").body.contains("\"status\":\"ready\""))
        #expect(try await server.curl("/metrics").body.contains("latchkey_configuration_current 1"))
    }

    @Test("A certificate that is renewed under its old name is what new connections see; those that are there go on")
    func certificate() async throws {
        let (first, second) = (try await Certificates(), try await Certificates())
        func install(_ certificates: Certificates) throws {
            for (from, to) in [(certificates.certificate, "c.pem"), (certificates.key, "k.pem")] {
                try Data(contentsOf: URL(filePath: from)).write(to: folder.url(to), options: .atomic)
            }
        }
        try install(first)
        let server = try await Latchkey(
            configuration: { configuration($0, http: ", tls: { cert: c.pem, key: k.pem }") }, folder: folder)
        func status(_ certificates: Certificates) async throws -> String {
            try await Program("curl", package: "curl").run([
                "-s", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", certificates.authority, "-u", "amy:apple",
                "https://127.0.0.1:\(server.port)/v2/",
            ]).standardOutput
        }
        #expect(try await [status(first), status(second)] == ["200", "000"])
        try install(second)
        try await reloaded(server)
        #expect(try await [status(first), status(second)] == ["000", "200"])
    }

    @Test(
        "What was verified stays verified over a reload that does not change its source, and what was counted goes on")
    func memory() async throws {
        let server = try await server()
        #expect(try await server.curl("/v2/", "-u", "amy:apple").status == "200")
        func count(_ name: String) async throws -> Int {
            let line = try await server.curl("/metrics").body.split(separator: "\n").first { $0.hasPrefix(name + " ") }
            return Int(line?.split(separator: " ").last ?? "") ?? -1
        }
        let (hits, misses) = (
            try await count("latchkey_verified_cache_hits_total"),
            try await count("latchkey_verified_cache_misses_total")
        )
        #expect(misses == 1)
        try write(configuration(server.port, http: ", realm: another"))
        server.signal(SIGHUP)
        try await reloaded(server)
        #expect(try await server.curl("/v2/", "-u", "amy:apple").status == "200")
        #expect(try await count("latchkey_verified_cache_misses_total") == misses, "it was not verified again")
        #expect(try await count("latchkey_verified_cache_hits_total") == hits + 1)
        // Another source knows nothing of it.
        try write(configuration(server.port).replacing("path: htpasswd", with: "path: others"))
        server.signal(SIGHUP)
        try await reloaded(server, 2)
        #expect(try await server.curl("/v2/", "-u", "amy:apple").status == "401")
    }

    @Test("Thirty reloads under load answer every request, and right")
    func load() async throws {
        let server = try await server()
        let (key, _) = try await server.createKey("amy:apple")
        let config = (0..<3000).map { _ in "url = \"\(server.url)/v2/\"\noutput = /dev/null\n" }.joined()
        let file = try folder.write("urls", config)
        async let answers = Program("curl", package: "curl").run(
            ["-s", "-u", "amy:\(key)", "-w", "%{http_code}\n", "-K", file])
        for number in 0..<30 {
            try write(configuration(server.port, http: ", realm: r\(number)"))
            server.signal(SIGHUP)
            try await reloaded(server, number + 1)
        }
        let statuses = Set(try await answers.standardOutput.split(separator: "\n"))
        #expect(statuses == ["200"])
        #expect(try await server.curl("/v2/", "-D", "-").body.contains("realm=\"r29\""))
        #expect(await server.stop() == 0)
    }
}
