import Foundation
import TestSupport
import Testing

@Suite("Where relative paths lead, whatever folder the server is started in")
struct PathTests {
    private let configured: TemporaryFolder
    private let working: TemporaryFolder

    init() throws { (configured, working) = (try TemporaryFolder(), try TemporaryFolder()) }

    private let people = "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n"

    private func write(_ port: Int, _ htpasswd: String = "htpasswd", more: String = "", log: String = "") throws
        -> String
    {
        try configured.write(
            "c.yaml",
            """
            http: { port: \(port), auth: { failDelay: 0, htpasswd: { path: \(htpasswd) }, apikey: true\(more) } }
            storage: { rootDirectory: data }
            log: { \(log) }
            """)
    }

    private func start(_ path: String) async throws -> RunningProcess {
        let server = try Latchkey.program.start(
            ["serve", "--config", path], output: configured.url("log"), error: configured.url("log"),
            folder: working.root)
        try await eventually("it listens, or ends") {
            let logs = try ["log", "server.log"].filter { isThere(configured, $0) }.map { try configured.text($0) }
            return logs.joined().contains("listening") || !server.isRunning
        }
        return server
    }

    private func end(_ server: RunningProcess) async -> Int32 {
        server.signal(SIGTERM)
        return await server.waitForExit()
    }

    private func isThere(_ folder: TemporaryFolder, _ name: String) -> Bool {
        FileManager.default.fileExists(atPath: folder.path(name))
    }

    /// The real path of a folder, as the working folder is told: /tmp may be a link.
    private func real(_ folder: TemporaryFolder, _ name: String) -> String {
        folder.root.resolvingSymlinksInPath().appending(path: name).path
    }

    @Test("A store of another folder is no store of this configuration: nothing is read there, and nothing written")
    func anothersFolder() async throws {
        try configured.write("htpasswd", people)
        try FileManager.default.createDirectory(at: working.url("data"), withIntermediateDirectories: true)
        try working.write("data/notes.txt", "no store")
        let server = try await start(
            try write(
                try Ports.free(), more: ", tokens: { issuer: i, services: [s], key: token.key }",
                log: "output: server.log, audit: { file: audit.log, sign: audit.key }"))
        #expect(await end(server) == 0)
        for name in ["data/latchkey.sqlite", "token.key", "token.crt", "server.log", "audit.log", "audit.key"] {
            #expect(isThere(configured, name), "\(name)")
        }
        #expect(
            try FileManager.default.subpathsOfDirectory(atPath: working.root.path).sorted() == [
                "data", "data/notes.txt",
            ])
    }

    @Test(
        "State that an older version kept in the working folder is not left behind in silence: the start says what to move"
    )
    func leftBehind() async throws {
        try configured.write("htpasswd", people)
        let path = try write(try Ports.free(), log: "audit: audit.log")
        // What an older version would have made there.
        #expect(await end(try await start(path)) == 0)
        for name in ["data", "audit.log"] {
            try FileManager.default.moveItem(at: configured.url(name), to: working.url(name))
            let server = try await start(path)
            #expect(await server.waitForExit() == 2)
            let said = try configured.text("log")
            #expect(said.contains(real(working, name)) && said.contains(configured.path(name)), "\(said)")
            #expect(said.contains("move that to"), "\(said)")
            #expect(!isThere(configured, name), "nothing was begun")
            for words in [["check"], ["store", "check"], ["apikey", "export"]] {
                let output = try await Latchkey.program.run(words + ["--config", path], folder: working.root)
                #expect(output.status == 2, "\(words)")
                #expect((output.standardOutput + output.standardError).contains(real(working, name)), "\(words)")
            }
            if name == "data" {
                // An empty folder that somebody has made is no state.
                try FileManager.default.createDirectory(at: configured.url(name), withIntermediateDirectories: false)
                let output = try await Latchkey.program.run(["check", "--config", path], folder: working.root)
                #expect(
                    output.status == 2 && (output.standardOutput + output.standardError).contains("move that to"),
                    "\(output)")
                try FileManager.default.removeItem(at: configured.url(name))
            }
            // Elsewhere it is nobody's.
            let elsewhere = try await Latchkey.program.run(["check", "--config", path])
            #expect(!elsewhere.standardOutput.contains(real(working, name)))
            try FileManager.default.moveItem(at: working.url(name), to: configured.url(name))
        }
        #expect(await end(try await start(path)) == 0, "moved there, it is taken")
    }

    @Test("A file of users that is only read may lie in the working folder, with a notice; one that is changed may not")
    func users() async throws {
        try working.write("htpasswd", people)
        let port = try Ports.free()
        #expect(await end(try await start(try write(port))) == 0)
        #expect(try configured.text("log").contains("htpasswd is taken from the working folder"))
        let path = try write(port, "htpasswd, rehash: true")
        let server = try await start(path)
        #expect(await server.waitForExit() == 2)
        #expect(try configured.text("log").contains(real(working, "htpasswd")))
    }

    @Test("A socket is made beside the configuration, though the working folder has one of its name")
    func sockets() async throws {
        try configured.write("htpasswd", people)
        try working.write("s", "")
        let path = try configured.write(
            "c.yaml", "http: { address: 'unix:s', auth: { htpasswd: { path: htpasswd } } }\n")
        let server = try await start(path)
        let answer = try await Program("curl", package: "curl").run([
            "-s", "-u", "amy:apple", "--unix-socket", configured.path("s"), "http://localhost/auth/whoami",
        ])
        #expect(answer.standardOutput.contains("amy"))
        #expect(await end(server) == 0)
        #expect(try working.text("s").isEmpty)
    }
}
