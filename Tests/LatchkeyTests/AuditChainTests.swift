import Credentials
import Crypto
import Foundation
import TestSupport
import Testing

@testable import latchkey

@Suite("The audit file as a chain")
struct AuditChainTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func writer(_ signer: AuditSigner? = nil) throws -> LineWriter {
        try LineWriter(auditFile: folder.path("audit.log"), signer: signer) { count in
            LogLine.json([("event", "lines-lost"), ("count", "\(count)")])
        }
    }

    private func line(_ number: Int) -> String {
        LogLine.json([("event", "login"), ("user", "user \(number) é\n\u{1}")])
    }

    private func write(_ numbers: Range<Int>, _ signer: AuditSigner? = nil) throws {
        let writer = try writer(signer)
        for number in numbers { writer.write(line(number)) }
        if signer != nil { writer.write(AuditChain.checkpoint) }
        writer.close()
    }

    private func verify(_ files: String..., key: Curve25519.Signing.PublicKey? = nil) throws -> AuditVerifier {
        var verifier = AuditVerifier(publicKey: key)
        for file in files.isEmpty ? ["audit.log"] : files {
            try verifier.take([UInt8](Data(contentsOf: folder.url(file))), name: file)
        }
        try verifier.finish()
        return verifier
    }

    private func tampering(_ change: (inout [String]) -> Void) throws -> String {
        var lines = try folder.text("audit.log").split(separator: "\n").map(String.init)
        change(&lines)
        var verifier = AuditVerifier()
        do {
            try verifier.take(Array((lines.joined(separator: "\n") + "\n").utf8), name: "audit.log")
            return "sound"
        } catch {
            return error.description
        }
    }

    @Test("A file that lacks its end, or has another line there than the store knows, is found out by the store")
    func checkpoints() async throws {
        try write(0..<10)
        let lines = try folder.text("audit.log").split(separator: "\n").map(String.init)
        let kept = AuditCheckpoint(file: "x", number: 8, hash: AuditChain.hash(of: lines[7].utf8), date: .now)
        func judge(_ lines: some Sequence<String>, _ kept: AuditCheckpoint) -> String {
            var verifier = AuditVerifier(expected: kept)
            do {
                try verifier.take(Array(lines.map { $0 + "\n" }.joined().utf8), name: "audit.log")
                try verifier.finish()
                return "sound"
            } catch { return error.description }
        }
        #expect(judge(lines, kept) == "sound" && judge(lines.prefix(8), kept) == "sound")
        #expect(judge(lines.prefix(7), kept).hasPrefix("lines 8 to 8 are missing at the end"))
        var other = kept
        other.hash = AuditChain.genesis
        #expect(judge(lines, other).hasPrefix("audit.log:8: this line, or one before it, was changed"))
    }

    @Test(
        "A server that starts with a file whose end is gone says so in the log and in the file; verify says it before")
    func cutFile() async throws {
        func server() async throws -> Latchkey {
            try await Latchkey(
                configuration: { port in
                    """
                    http: { port: \(port), auth: { failDelay: 0, htpasswd: { path: htpasswd }, apikey: true } }
                    storage: { rootDirectory: data }
                    log: { audit: audit.log }
                    """
                }, folder: folder)
        }
        try folder.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        let first = try await server()
        for _ in 0..<3 { #expect(try await first.curl("/v2/", "-u", "amy:wrong").status == "401") }
        await first.stop()
        func verify() async throws -> Program.Output {
            try await Latchkey.program.run([
                "audit", "verify", "--config", folder.path("latchkey.yaml"), folder.path("audit.log"),
            ])
        }
        let whole = try await verify()
        let known = try #require(
            whole.standardOutput.firstMatch(of: #/ok: the store knows line (\d+)/#).map { String($0.output.1) },
            "\(whole)")
        #expect(whole.status == 0 && Int(known).map { (3...5).contains($0) } == true, "\(whole)")
        let lines = try folder.text("audit.log").split(separator: "\n")
        let head = try folder.text("audit.log.head")
        // Whoever can write the file can write what lies beside it too.
        try folder.write("audit.log", lines.prefix(2).map { $0 + "\n" }.joined())
        let digits = "00000000000000000002 \(AuditChain.hash(of: lines[1].utf8))\n"
        #expect(head.utf8.count == digits.utf8.count)
        try folder.write("audit.log.head", digits)
        let cut = try await verify()
        #expect(
            cut.status == 1 && cut.standardOutput.contains("tampering: lines 3 to \(known) are missing at the end"),
            "\(cut)")
        let second = try await server()
        try await eventually("it says so") {
            try folder.text("audit.log").contains(
                #""event":"lines-missing","expected":"\#(known)","found":"2""#)
        }
        #expect(try second.log.contains("lines are missing at its end"))
        await second.stop()
        let after = try await verify()
        #expect(after.status == 0, "it was told: \(after)")
    }

    @Test("Over restarts and rotations the chain goes on, and each line keeps what it said")
    func continues() throws {
        try write(0..<10)
        try write(10..<15)
        #expect(try verify().count == 15 && verify().crashes.isEmpty)
        // logrotate moves the file away while the server is stopped.
        try FileManager.default.moveItem(at: folder.url("audit.log"), to: folder.url("audit.log.1"))
        try write(15..<20)
        let both = try verify("audit.log.1", "audit.log")
        #expect(both.count == 20 && both.first == 1 && both.lastNumber == 20)
        let newer = try verify("audit.log")
        #expect(newer.first == 16 && newer.count == 5)
        let texts = try folder.text("audit.log").split(separator: "\n")
        let object = try JSONSerialization.jsonObject(with: Data(texts[0].utf8)) as? [String: Any]
        #expect(
            object?["user"] as? String == "user 15 é\n\u{1}" && object?["seq"] as? Int == 16
                && object?["v"] as? Int == 1)
    }

    @Test("A file that is cut while it is written, as copytruncate does, leaves no gap")
    func copyTruncate() throws {
        let writer = try writer()
        for number in 0..<5 { writer.write(line(number)) }
        while try folder.text("audit.log").split(separator: "\n").count < 5 {}
        try FileManager.default.copyItem(at: folder.url("audit.log"), to: folder.url("audit.log.1"))
        try Data().write(to: folder.url("audit.log"), options: [])
        for number in 5..<9 { writer.write(line(number)) }
        writer.close()
        _ = try? FileManager.default.attributesOfItem(atPath: folder.path("audit.log"))
        let both = try verify("audit.log.1", "audit.log")
        #expect(both.lastNumber == 9 && both.count == 9)
    }

    @Test("The first line that was changed, removed or put in is named")
    func names() throws {
        try write(0..<10)
        #expect(try tampering { _ in } == "sound")
        #expect(
            try tampering { $0[4] = $0[4].replacing("user 4", with: "user 5") }.hasPrefix(
                "audit.log:5: this line was changed"))
        #expect(
            try tampering { $0.remove(at: 4) }.hasPrefix("audit.log:5: 1 line(s) were removed before this one: 5 to 5"))
        #expect(try tampering { $0.removeSubrange(2..<6) }.contains("4 line(s) were removed before this one: 3 to 6"))
        #expect(try tampering { $0.insert($0[3], at: 4) }.hasPrefix("audit.log:5: this line was put in"))
        #expect(
            try tampering { $0.insert("{\"event\":\"login\"}", at: 4) }.hasPrefix("audit.log:5: this line was changed"))
        #expect(try tampering { $0.swapAt(3, 4) } != "sound")
        #expect(
            try tampering { $0[0] = $0[0].replacing("user 0", with: "user 1") }.hasPrefix(
                "audit.log:1: this line was changed"))
        #expect(try tampering { $0[5] = String($0[5].dropLast(10)) }.hasPrefix("audit.log:6: this line was changed"))
        // Whoever can write can begin anew from the first line, or cut off the end: that is what signatures are for.
        #expect(try tampering { $0.removeLast(3) } == "sound")
    }

    @Test("Any change of any byte is found, but for one in the last line")
    func anyByte() throws {
        try write(0..<6)
        let whole = try [UInt8](Data(contentsOf: folder.url("audit.log")))
        let last = whole.dropLast().lastIndex(of: UInt8(ascii: "\n")) ?? 0
        var random = Seeded.announced()
        for _ in 0..<600 {
            var bytes = whole
            let index = Int.random(in: 0..<last, using: &random)
            bytes[index] = bytes[index] ^ UInt8.random(in: 1...255, using: &random)
            var verifier = AuditVerifier()
            #expect(throws: AuditVerifier.Tampering.self, "\(index)") { try verifier.take(bytes, name: "a") }
        }
    }

    @Test("A crash in the middle of a line is told apart from tampering", arguments: [1, 7, 40])
    func crash(kept: Int) throws {
        try write(0..<5)
        let handle = try FileHandle(forWritingTo: folder.url("audit.log"))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(String(line(5).prefix(kept)).utf8))
        try handle.close()
        #expect(try verify().crashes.count == 1 && verify().count == 5)
        try write(5..<8)
        let after = try verify()
        #expect(
            after.count == 8 && after.crashes.count == 1
                && after.crashes[0].contains("audit.log:6: a line was cut short"))
        // Neither removing it nor changing it goes unseen.
        #expect(
            try tampering { $0.remove(at: 5) }.contains(
                "a line that was cut short is noted before this one, and is gone"))
        #expect(try tampering { $0[5] += "x" }.hasPrefix("audit.log:6: this line was changed"))
    }

    @Test("A line that lost its line feed alone is whole")
    func lostTail() throws {
        try write(0..<5)
        var text = try folder.text("audit.log")
        text.removeLast(1)
        try folder.write("audit.log", text)
        try write(5..<7)
        #expect(try verify().count == 7 && verify().crashes.isEmpty)
    }

    @Test("Signed checkpoints tell how far the file is whole, and a chain that was made anew is found")
    func signatures() throws {
        let signer = try AuditSigner(path: folder.path("key"))
        let again = try AuditSigner(path: folder.path("key"))
        #expect(signer.name == again.name)
        let mode = try FileManager.default.attributesOfItem(atPath: folder.path("key"))[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let bytes = try #require(Data(base64Encoded: try folder.text("key.pub").trimmingCharacters(in: .newlines)))
        let key = try Curve25519.Signing.PublicKey(rawRepresentation: bytes)
        try write(0..<5, signer)
        try write(5..<9, again)
        let sound = try verify(key: key)
        #expect(sound.checkpoint?.number == 11 && sound.unchecked == 0)
        #expect(try verify().unchecked == 2)
        // Somebody writes the whole file anew, with all hashes right, and keeps the signatures that they have.
        var chain = AuditChain()
        let forged = try folder.text("audit.log").split(separator: "\n").compactMap { line -> String? in
            let object = line.replacing("user 3", with: "user 0")
            guard let start = object.range(of: #""(event|time)":"#, options: .regularExpression) else { return nil }
            return chain.link("{" + object[start.lowerBound...])
        }
        var verifier = AuditVerifier(publicKey: key)
        let error = #expect(throws: AuditVerifier.Tampering.self) {
            try verifier.take(Array((forged.joined(separator: "\n") + "\n").utf8), name: "audit.log")
        }
        #expect(error?.description.contains("the signature of this checkpoint is wrong") == true)
        #expect(throws: ConfigurationError.self) { try AuditSigner(path: folder.path("audit.log")) }
    }
}

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
        let text = try folder.text("audit.log")
        try folder.write("audit.log", text.replacing(#""reason":"wrong-password""#, with: #""reason":"unknown-user""#))
        let changed = try await verify(folder)
        #expect(changed.status == 1 && changed.standardOutput.contains("this line was changed"), "\(changed)")
        #expect(try await Latchkey.program.run(["audit", "verify", "/nowhere"]).status == 2)
    }
}
