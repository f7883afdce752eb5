import APIKeys
import Credentials
import Foundation
import TestSupport
import Testing

@testable import latchkey

@Suite("latchkey apikey and latchkey store, from outside")
struct APIKeyCommandTests {
    private func server(_ auth: String = "", http: String = "", folder: TemporaryFolder? = nil) async throws -> Latchkey
    {
        let folder = try folder ?? TemporaryFolder()
        // The passwords are "apple".
        try folder.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\nbob:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        return try await Latchkey(auth: "htpasswd: { path: htpasswd }, apikey: true\(auth)", http: http, folder: folder)
    }

    private func run(_ arguments: [String], input: String = "apple\n") async throws -> Program.Output {
        try await Latchkey.program.run(["apikey"] + arguments, input: Data(input.utf8))
    }

    @Test("create prints the key alone, which works at once; list, rotate and revoke go with it")
    func round() async throws {
        let server = try await server()
        let at = ["--server", server.url, "-u", "amy"]
        let made = try await run(
            ["create"] + at + ["--label", "lap\u{1B}[2Jtop", "--scope", "team/**:read", "--expires", "30d"])
        #expect(made.status == 0, "\(made)")
        let key = made.standardOutput.trimmingCharacters(in: .newlines)
        #expect(key.wholeMatch(of: /zak_[0-9a-f]{32}/) != nil && made.standardError.contains("ends at"))
        #expect(try await server.curl("/v2/", "-u", "amy:\(key)").status == "200")
        let listed = try await run(["list"] + at)
        let lines = listed.standardOutput.split(separator: "\n")
        #expect(
            lines.count == 2 && lines[0].hasPrefix("UUID") && lines[1].contains("team/**:read")
                && lines[1].contains("active"))
        #expect(!listed.standardOutput.contains("\u{1B}"), "a label can't drive the terminal")
        let id = try #require(lines.last?.split(separator: " ").first.map(String.init))
        let rotated = try await run(["rotate"] + at, input: "\(key)\n")
        #expect(rotated.status == 0, "\(rotated)")
        let newKey = rotated.standardOutput.trimmingCharacters(in: .newlines)
        #expect(newKey != key && newKey.hasPrefix("zak_"))
        let json = try await run(["list", "--json"] + at)
        #expect(
            json.standardOutput.split(separator: "\n").count == 2 && json.standardOutput.contains(#""uuid":"\#(id)""#))
        let revoked = try await run(["revoke"] + at + [id])
        #expect(revoked.status == 0 && revoked.standardOutput == "revoked \(id)\n")
        #expect(try await server.curl("/v2/", "-u", "amy:\(key)").status == "401")
        let leaked = try await run(["revoke", "--leaked", "--server", server.url], input: newKey + "\n")
        #expect(leaked.status == 0, "\(leaked)")
        #expect(try await server.curl("/v2/", "-u", "amy:\(newKey)").status == "401")
        #expect(try await run(["list", "--state", "revoked"] + at).standardOutput.split(separator: "\n").count == 3)
        let all = try await run(["revoke", "--all"] + at)
        #expect(all.status == 0)
    }

    @Test("What goes wrong is one clear line and an exit status, and never the secret")
    func failures() async throws {
        let server = try await server(", apiKeys: { maxLifetime: 1d }")
        let at = ["--server", server.url, "-u", "amy"]
        for (arguments, input, status, message) in [
            (["list"] + at, "wrong-secret\n", 1, "the server says 401"),
            (["create"] + at, "apple\n", 2, "maxLifetime"),
            (["create"] + at + ["--expires", "soon"], "apple\n", 2, "--expires"),
            (["create"] + at + ["--scope", "Bad"], "apple\n", 2, "the scope 'Bad'"),
            (["revoke"] + at + ["\(UUID())"], "apple\n", 1, "404"), (["revoke"] + at, "apple\n", 2, "--leaked"),
            (["list", "--of", "bob"] + at, "apple\n", 1, "404"), (["list", "-u", "amy"], "apple\n", 2, "--server"),
            (["list", "--server", "x", "-u", "amy"], "apple\n", 2, "--server"),
            (["list", "--server", server.url], "apple\n", 2, "--user"),
            (
                ["list", "--server", "http://127.0.0.1:1", "-u", "amy"], "apple\n", 3,
                "can't be reached: Connection refused"
            ),
            (["list", "--server", "http://auth.example.org", "-u", "amy"], "apple\n", 2, "in the clear"),
            (["list"] + at, "\n", 2, "empty-secret"),
        ] as [([String], String, Int32, String)] {
            let output = try await run(arguments, input: input)
            #expect(output.status == status && output.standardError.contains(message), "\(arguments): \(output)")
            #expect(!output.standardError.contains("wrong-secret") && output.standardOutput.isEmpty)
        }
    }

    @Test("An administrator makes a service account's key, and ends all of somebody who left")
    func administrators() async throws {
        let server = try await server(", apiKeys: { administrators: { users: [bob] } }")
        let asBob = ["--server", server.url, "-u", "bob"]
        let made = try await run(
            ["create", "--service-account", "ci-bot", "--responsible", "amy", "--expires", "never"] + asBob)
        let key = made.standardOutput.trimmingCharacters(in: .newlines)
        #expect(
            try await server.curl("/auth/whoami", "-u", "ci-bot:\(key)").body.contains(#""userName":"ci-bot""#),
            "\(made)")
        _ = try await server.createKey("amy:apple")
        #expect(try await run(["list", "--of", "amy"] + asBob).standardOutput.split(separator: "\n").count == 2)
        #expect(try await run(["revoke", "--of", "amy", "--all"] + asBob).status == 0)
        #expect(try await run(["list", "--of", "amy"] + asBob).standardOutput.split(separator: "\n").count == 1)
        let trail = try server.folder.text("audit.log")
        #expect(trail.contains(#""alert":"administrator","action":"revoke","owner":"amy""#), "\(trail)")
    }

    @Test("TLS is checked against the authorities that are named")
    func tls() async throws {
        let certificates = try await Certificates()
        let server = try await server(http: "tls: { cert: '\(certificates.certificate)', key: '\(certificates.key)' }")
        let at = ["--server", "https://localhost:\(server.port)", "-u", "amy"]
        let trusted = try await run(["list", "--cacert", certificates.authority] + at)
        #expect(trusted.status == 0, "\(trusted)")
        let untrusted = try await run(["list"] + at)
        #expect(untrusted.status == 3 && untrusted.standardError.contains("can't be reached"), "\(untrusted)")
    }

    @Test("inspect says whose a key is, export and import move keys with their digests, and the key works there")
    func moving() async throws {
        let server = try await server()
        let (key, id) = try await server.createKey("amy:apple", #"{"label": "moved", "scopes": ["team/**"]}"#)
        let (revoked, revokedID) = try await server.createKey("amy:apple")
        _ = try await server.curl("/zot/auth/apikey?id=\(revokedID)", "-u", "amy:apple", "-X", "DELETE")
        let config = ["--config", server.folder.path("latchkey.yaml")]
        let inspected = try await run(["inspect"] + config, input: key + "\n")
        #expect(
            inspected.status == 0 && inspected.standardOutput.contains("state: active")
                && inspected.standardOutput.contains(id))
        #expect(try await run(["inspect"] + config, input: revoked + "\n").standardOutput.contains("state: revoked"))
        #expect(try await run(["inspect"] + config, input: "zak_00000000000000000000000000000000\n").status == 1)
        #expect(try await run(["inspect"] + config, input: "password\n").standardOutput.contains("has not the form"))
        let exported = try await run(["export"] + config)
        #expect(
            exported.standardOutput.split(separator: "\n").count == 2
                && !exported.standardOutput.contains(key.dropFirst(4)))
        let busy = try await run(["import"] + config, input: exported.standardOutput)
        #expect(busy.status == 3 && busy.standardError.contains("in use by another latchkey"))

        let folder = try TemporaryFolder()
        try folder.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        try folder.write(
            "c.yaml",
            "http: { auth: { htpasswd: { path: htpasswd }, apikey: true } }\nstorage: { rootDirectory: data }\n")
        let there = ["--config", folder.path("c.yaml")]
        #expect(
            try await run(["import", "--dry-run"] + there, input: exported.standardOutput).standardOutput.contains(
                "2 key(s) would"))
        #expect(
            try await run(["import"] + there, input: exported.standardOutput).standardOutput
                == "added 2 key(s); 0 had been there\n")
        #expect(
            try await run(["import"] + there, input: exported.standardOutput).standardOutput
                == "added 0 key(s); 2 had been there\n")
        #expect(try await run(["export"] + there).standardOutput == exported.standardOutput)
        let other = try await self.server(folder: folder)
        #expect(try await other.curl("/v2/", "-u", "amy:\(key)").status == "200")
        #expect(try await other.curl("/v2/", "-u", "amy:\(revoked)").status == "401")
        for (line, message) in [
            ("{}", ":1: is no line"), ("\n\nx", ":3: is no line"),
            (exported.standardOutput.replacing(#""version":1"#, with: #""version":9"#), "version 9"),
            (exported.standardOutput.replacing(#""digest":""#, with: #""digest":"0"#), "digest can't be read"),
        ] {
            let output = try await run(["import", "--dry-run"] + there, input: line)
            #expect(output.status == 1 && output.standardError.contains(message), "\(line): \(output)")
        }
    }

    @Test("zot's own keys, written by the real bbolt, work without anybody making new ones")
    func zot() async throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "c.yaml",
            "http: { auth: { htpasswd: { path: htpasswd }, apikey: true } }\nstorage: { rootDirectory: data }\n")
        try folder.write(
            "htpasswd", "alice:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\nuser7:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        let database = Slapd.repository.appending(path: "fixtures/zot/meta.db").path
        let imported = try await run(["import", "--config", folder.path("c.yaml"), "--zot", database])
        #expect(imported.standardOutput == "added 3 key(s); 0 had been there\n", "\(imported)")
        #expect(imported.standardError.contains("no source knows user8: their keys are left out"))
        #expect(imported.standardError.contains("a key of ghost has no record"))
        let exported = try await run(["export", "--config", folder.path("c.yaml")]).standardOutput
        #expect(exported.contains(#""lastUsed":"2026-03-04T06:06:07.123457Z""#))
        let server = try await Latchkey(auth: "htpasswd: { path: htpasswd }, apikey: true", folder: folder)
        func key(_ number: Int) -> String {
            let digits = String(number, radix: 16)
            return "zak_" + String(repeating: "0", count: 32 - digits.count) + digits
        }
        #expect(try await server.curl("/v2/", "-u", "alice:\(key(1000))").status == "200")
        #expect(try await server.curl("/v2/", "-u", "user7:\(key(7))").status == "200")
        #expect(try await server.curl("/v2/", "-u", "user8:\(key(8))").status == "401")
        let verify = "/auth/verify?repository=repo1&action=read"
        #expect(try await server.curl(verify, "-u", "alice:\(key(1001))").status == "200")
        #expect(
            try await server.curl("/auth/verify?repository=bad&action=read", "-u", "alice:\(key(1001))").status == "403"
        )
        let listed = try await server.curl("/zot/auth/apikey", "-u", "alice:\(key(1000))").body
        #expect(listed.contains(#""uuid":"46a45ce7-5d92-498a-a9cb-9654b1da3da1""#) && listed.contains(#""label":"ci""#))
        #expect(listed.contains(#""scopeProblems":{"Bad Scope":"can't match any repository"#), "\(listed)")
        #expect(listed.contains(#""expirationDate":"2076-03-04T05:06:07.123457Z""#))
    }

    @Test("No damaged file makes the reader of bbolt's crash, and none is read for ever")
    func damagedZot() throws {
        var random = Seeded.announced()
        let whole = try [UInt8](Data(contentsOf: Slapd.repository.appending(path: "fixtures/zot/meta.db")))
        #expect(try ZotKeys(bytes: whole).keys.count == 42)
        var read = 0
        for _ in 0..<500 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...20, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            if Int.random(in: 0..<4, using: &random) == 0 {
                bytes.removeLast(Int.random(in: 0...bytes.count, using: &random))
            }
            if (try? ZotKeys(bytes: bytes)) != nil { read += 1 }
        }
        #expect(read > 0 && read < 500)
        #expect(throws: BoltFile.Damage.self) { try ZotKeys(bytes: []) }
        #expect(throws: BoltFile.Damage.self) { try ZotKeys(bytes: Array(repeating: 0, count: 65_536)) }
    }

    @Test("A backup is whole although the server works meanwhile; damage is found")
    func store() async throws {
        let server = try await server()
        let (key, _) = try await server.createKey("amy:apple")
        let config = ["--config", server.folder.path("latchkey.yaml")]
        let checked = try await Latchkey.program.run(["store", "check"] + config)
        #expect(checked.status == 0 && checked.standardOutput.contains("is sound"), "\(checked)")
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(at: folder.url("data"), withIntermediateDirectories: true)
        let backup = try await Latchkey.program.run(
            ["store", "backup"] + config + [folder.path("data/latchkey.sqlite")])
        #expect(backup.status == 0, "\(backup)")
        let mode =
            try FileManager.default.attributesOfItem(atPath: folder.path("data/latchkey.sqlite"))[.posixPermissions]
            as? Int
        #expect((mode ?? 0o777) & 0o077 == 0)
        let again = try await Latchkey.program.run(
            ["store", "backup"] + config + [folder.path("data/latchkey.sqlite")])
        #expect(
            again.status == 2
                && again.standardError.contains("data/latchkey.sqlite is there already: name another file"), "\(again)")
        let restored = try await self.server(folder: folder)
        #expect(try await restored.curl("/v2/", "-u", "amy:\(key)").status == "200")
        await restored.stop()
        let file = folder.url("data/latchkey.sqlite")
        var bytes = try [UInt8](Data(contentsOf: file))
        for page in stride(from: 4096, to: bytes.count, by: 4096) { bytes[page] = 0xFF }
        try Data(bytes).write(to: file)
        let damaged = try await Latchkey.program.run(["store", "check", "--config", folder.path("latchkey.yaml")])
        #expect(damaged.status == 1 && damaged.standardOutput.hasPrefix("damage: "), "\(damaged)")
        try Data(repeating: 0x20, count: 8192).write(to: file)
        let none = try await Latchkey.program.run(["store", "check", "--config", folder.path("latchkey.yaml")])
        #expect(none.status == 1 && none.standardOutput.hasPrefix("damage: "), "\(none)")
    }
}

@Suite("Tables of the command line")
struct TextTableTests {
    @Test("They fit the terminal, and what a server sends can't drive it")
    func fits() {
        let table = TextTable(
            columns: ["ID", "LABEL", "SCOPES"],
            rows: [["1", String(repeating: "l", count: 40), "a\u{9B}b\u{202E}c"], ["2", "x", ""]],
            flexible: [1, 2])
        #expect(table.lines(width: nil)[1].contains(String(repeating: "l", count: 40)))
        for width in [20, 30, 40, 60] {
            for line in table.lines(width: width) { #expect(line.count <= max(width, 24), "\(width): \(line)") }
        }
        #expect(table.lines(width: 30)[1].contains("…") && table.lines(width: nil)[1].contains("a?b?c"))
    }

    @Test(
        "What --expires takes",
        arguments: [
            ("30d", "2027-02-14T08:00:00Z"), ("12h", "2027-01-15T20:00:00Z"), ("2030-12-31", "2030-12-31T23:59:59Z"),
            ("2030-01-01T00:00:00Z", "2030-01-01T00:00:00Z"), ("never", "never"),
        ])
    func expires(text: String, date: String) throws {
        #expect(try APIKeyCommand.Create.date(text, from: Date(timeIntervalSince1970: 1_800_000_000)) == date)
    }
}
