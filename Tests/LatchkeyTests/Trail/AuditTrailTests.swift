import Foundation
import TestSupport
import Testing

@testable import latchkey

@Suite("The audit trail, from outside", .serialized)
struct AuditTrailTests {
    private func server(_ folder: TemporaryFolder) async throws -> Latchkey {
        try folder.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        return try await Latchkey(
            auth: "htpasswd: { path: htpasswd }, apikey: true, apiKeys: { administrators: { users: [amy] } }",
            folder: folder,
            audit: "{ file: audit.log, sign: audit.key }")
    }

    private func verify(_ folder: TemporaryFolder) async throws -> Program.Output {
        try await Latchkey.program.run(
            ["audit", "verify", "--key", folder.path("audit.key.pub"), folder.path("audit.log")])
    }

    @Test("Each event fits its schema in docs/, the chain is whole over restarts, and a changed line is named")
    func schema() async throws {
        let folder = try TemporaryFolder()
        var server = try await server(folder)
        let (key, id) = try await server.createKey("amy:apple", #"{"scopes": ["a"]}"#)
        let (second, secondID) = try await server.createKey("amy:apple")
        for (path, arguments) in [
            ("/v2/", ["-u", "amy:\(key)"]), ("/v2/", ["-u", "amy:wrong"]), ("/auth/verify", ["-u", "amy:\(key)"]),
            ("/auth/verify?repository=A", ["-u", "amy:apple"]),
            ("/zot/auth/apikey/rotate?id=\(secondID)", ["-u", "amy:apple", "-X", "POST"]),
            ("/zot/auth/apikey/rotate?id=\(secondID)", ["-u", "amy:apple", "-X", "POST"]),
            ("/zot/auth/apikey?id=\(id)", ["-u", "amy:apple", "-X", "DELETE"]),
            ("/zot/auth/apikey?user=bob", ["-u", "amy:apple"]),
            ("/auth/apikey/revoke", ["-d", second]),
        ] {
            let curl = try Program("curl", package: "curl")
            _ = try await curl.run(["-s"] + arguments + [server.url + path])
        }
        for number in 0..<8 { _ = try await server.curl("/v2/", "-u", "eve:wrong\(number)") }
        #expect(await server.stop() == 0)
        server = try await self.server(folder)
        server.signal(SIGKILL)
        await server.stop(SIGKILL)
        server = try await self.server(folder)
        #expect(await server.stop() == 0)

        let python = try Program("python3", package: "python3-jsonschema")
        let script = """
            import json, sys, jsonschema
            schema = json.load(open(sys.argv[1]))
            jsonschema.Draft202012Validator.check_schema(schema)
            validator = jsonschema.Draft202012Validator(schema)
            for line in open(sys.argv[2]):
                event = json.loads(line)
                validator.validate(event)
                print(event["event"])
            """
        let schema = Slapd.repository.appending(path: "docs/audit.schema.json").path
        let output = try await python.run(["-c", script, schema, folder.path("audit.log")])
        #expect(output.status == 0, "\(output.standardError)")
        let events = Set(output.standardOutput.split(separator: "\n").map(String.init))
        #expect(
            events == [
                "started", "stopped", "checkpoint", "login", "refusal", "denied", "throttled", "key-created",
                "key-revoked",
                "key-rotated", "key-reported", "alert",
            ])
        let sound = try await verify(folder)
        #expect(sound.status == 0 && sound.standardOutput.contains("ok: signed up to line"), "\(sound)")
        #expect(sound.standardOutput.contains("ok: the server stopped in order then"), "\(sound)")
        let text = try folder.text("audit.log")
        try folder.write("audit.log", text.replacing(#""reason":"wrong-password""#, with: #""reason":"unknown-user""#))
        let changed = try await verify(folder)
        #expect(changed.status == 1 && changed.standardOutput.contains("this line was changed"), "\(changed)")
        #expect(try await Latchkey.program.run(["audit", "verify", "/nowhere"]).status == 2)
    }

    @Test(
        "A server that starts with a file whose end is gone says so in the log and in the file; verify says it before and after"
    )
    func cutFile() async throws {
        let folder = try TemporaryFolder()
        let first = try await server(folder)
        for _ in 0..<3 { #expect(try await first.curl("/v2/", "-u", "amy:wrong").status == "401") }
        #expect(await first.stop() == 0)
        func verify() async throws -> Program.Output {
            try await Latchkey.program.run([
                "audit", "verify", "--config", folder.path("latchkey.yaml"), folder.path("audit.log"),
            ])
        }
        let whole = try await verify()
        #expect(
            whole.status == 0 && whole.standardOutput.contains("ok: the store knows line 7, of ")
                && whole.standardOutput.contains("ok: \(folder.path("audit.log.head")) knows line 7"),
            "the last line is known, the end too: \(whole)")
        let lines = try folder.text("audit.log").split(separator: "\n")
        // Whoever can write the file can write what lies beside it too.
        try folder.write("audit.log", lines.prefix(2).map { $0 + "\n" }.joined())
        try folder.write("audit.log.head", TrailFile.head(2, String(lines[1])))
        let cut = try await verify()
        #expect(
            cut.status == 1 && cut.standardOutput.contains("tampering: lines 3 to 7 are missing at the end: the store"),
            "\(cut)")
        let second = try await server(folder)
        try await eventually("it says so") {
            try folder.text("audit.log").contains(
                #""event":"lines-missing","expected":"7","found":"2","witness":"store""#)
        }
        #expect(try second.log.contains("lines are missing at its end"))
        try await eventually("the store knows of it") {
            try await verify().standardOutput.contains("missing: ")
        }
        await second.stop(SIGKILL)
        let after = try await verify()
        #expect(
            after.status == 1 && after.standardOutput.contains("missing: ")
                && after.standardOutput.contains("it ended with line 2, and the store knew line 7"), "\(after)")
    }

    @Test(
        "A line at the end, or a head, with the highest of numbers stops no server and no verify",
        arguments: [
            ("audit.log", #"{"seq":18446744073709551615,"prev":"x"}"#),
            ("audit.log", #"{"v":1,"seq":18446744073709551615,"prev":"\#(AuditHash.genesis)"}"#),
            ("audit.log", #"{"v":1,"seq":9223372036854775807,"prev":"\#(AuditHash.genesis)"}"#),
            ("audit.log", #"{"v":1,"seq":-1,"prev":"\#(AuditHash.genesis)"}"#),
            ("audit.log.head", "18446744073709551615 \(AuditHash.genesis)"),
        ])
    func highNumbers(name: String, line: String) async throws {
        let folder = try TemporaryFolder()
        let first = try await server(folder)
        #expect(await first.stop() == 0)
        let before = name == "audit.log" ? try folder.text(name) : ""
        try folder.write(name, before + line + "\n")
        let verified = try await verify(folder)
        #expect([0, 1].contains(verified.status), "\(verified)")
        let second = try await server(folder)
        #expect(try await second.curl("/v2/", "-u", "amy:apple").status == "200")
        #expect(await second.stop() == 0)
        let after = try await verify(folder)
        #expect([0, 1].contains(after.status), "\(after)")
        // In the file too the chain ends as it should.
        #expect(try folder.text("audit.log").split(separator: "\n").suffix(2).first?.contains("stopped") == true)
    }

    @Test("The log and the audit file can't be one file")
    func oneFile() async throws {
        let folder = try TemporaryFolder()
        try folder.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        let path = try folder.write(
            "c.yaml",
            """
            http: { port: \(try Ports.free()), auth: { htpasswd: { path: htpasswd } } }
            log: { output: ./x.log, audit: x.log }
            """)
        try folder.write("x.log", "")
        let output = try await Latchkey.program.run(["serve", "--config", path])
        #expect(
            output.status == 2 && output.standardError.contains("are the same file: give each its own"), "\(output)")
    }

    @Test("A file of many lines and a line of 100 MB are checked in the memory of a small one")
    func memory() async throws {
        let trail = try TrailFile()
        let (signer, _) = try trail.signer()
        var (chain, text) = (AuditChain(signer: signer), "")
        for number in 0..<40_000 {
            text +=
                chain.linked(number % 1000 == 999 ? AuditChain.checkpoint : TrailFile.line(number)) + "\n"
        }
        try trail.folder.write("many.log", text)
        let handle = try FileHandle(forWritingTo: URL(filePath: try trail.folder.write("long.log", text)))
        try handle.seekToEnd()
        for _ in 0..<100 { try handle.write(contentsOf: Data(repeating: UInt8(ascii: "x"), count: 1 << 20)) }
        try handle.close()
        try trail.folder.write("small.log", String(text.prefix(2000)))
        let script = """
            import resource, subprocess, sys
            code = subprocess.run(sys.argv[1:]).returncode
            print("memory", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, "status", code)
            """
        var used: [Int] = []
        for name in ["small.log", "many.log", "long.log"] {
            let output = try await Program("python3", package: "python3").run([
                "-c", script, Latchkey.program.path, "audit", "verify", "--key", trail.folder.path("key.pub"),
                trail.folder.path(name),
            ])
            let told = try #require(
                output.standardOutput.firstMatch(of: #/memory (\d+) status (\d+)/#), "\(output)")
            #expect(told.output.2 == (name == "small.log" ? "1" : "0"), "\(output)")
            used.append(try #require(Int(told.output.1)))
        }
        // In KiB. The program itself has its part.
        #expect(used.allSatisfy { $0 < 64 << 10 }, "\(used)")
        #expect(used.allSatisfy { $0 < used[0] + (24 << 10) }, "\(used)")
    }

    @Test("A pipe can be checked, as from a program that unpacks; a folder can't, and says so")
    func pipe() async throws {
        let trail = try TrailFile()
        try trail.run(0..<10)
        let output = try await Program("bash", package: "bash").run([
            "-c", #""$0" audit verify <(gzip -c "$1" | gzip -dc)"#, Latchkey.program.path, trail.path,
        ])
        #expect(output.status == 0 && output.standardOutput.hasPrefix("ok: 12 line(s), 1 to 12"), "\(output)")
        let folder = try await Latchkey.program.run(["audit", "verify", trail.folder.root.path])
        #expect(folder.status == 2 && folder.standardError.contains("can't be read"), "\(folder)")
    }
}
