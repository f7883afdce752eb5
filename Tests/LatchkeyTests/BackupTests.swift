import Foundation
import TestSupport
import Testing

@Suite("Backups, as the page for operators has them")
struct BackupTests {
    /// The blocks of commands of a part of the page.
    private func blocks(_ heading: String) throws -> [String] {
        let text = try String(
            contentsOf: Slapd.repository.appending(path: "docs/operator.md"), encoding: .utf8)
        let part = try #require(text.components(separatedBy: "\n## ").first { $0.hasPrefix(heading + "\n") })
        return part.matches(of: #/```sh\n([\s\S]*?)```/#).map { String($0.output.1) }
    }

    /// Lines of an export, of keys whose digits are their numbers.
    private func lines(_ numbers: Range<Int>) async throws -> Data {
        let script = """
            import hashlib, json, sys, uuid
            for n in range(int(sys.argv[1]), int(sys.argv[2])):
                id = str(uuid.UUID(int=n))
                print(json.dumps({"version": 1, "digest": hashlib.sha256(b"%032x" % n).hexdigest(), "uuid": id, "family": id, "owner": "amy",
                    "ownerSource": "htpasswd", "ownerIdentity": "name:amy", "label": "", "scopes": [], "creatorUserAgent": "",
                    "createdAt": "2026-01-01T00:00:00Z"}))
            """
        let output = try await Program("python3", package: "python3").run([
            "-c", script, "\(numbers.lowerBound)", "\(numbers.upperBound)",
        ])
        return Data(output.standardOutput.utf8)
    }

    private func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        return folder
    }

    @Test(
        "The page's commands, one after the other, give the state of the backup, after a clean stop and after a crash",
        arguments: [SIGTERM, SIGKILL])
    func page(end: Int32) async throws {
        let folder = try folder()
        let auth = "htpasswd: { path: htpasswd }, apikey: true"
        var server = try await Latchkey(auth: auth, folder: folder)
        let (kept, _) = try await server.createKey("amy:apple")
        let (ended, endedID) = try await server.createKey("amy:apple")
        // What the page calls by the names of an installed package; systemctl is done by this test.
        try FileManager.default.createDirectory(at: folder.url("bin"), withIntermediateDirectories: true)
        try folder.write("bin/systemctl", "#!/bin/sh\necho \"$@\" >> \(folder.path("systemctl"))\n")
        chmod(folder.path("bin/systemctl"), 0o755)
        func run(_ script: String) async throws {
            let script = script.replacing("/etc/latchkey/latchkey.yaml", with: folder.path("latchkey.yaml"))
                .replacing("/var/backups/latchkey.sqlite", with: folder.path("backup.sqlite"))
            let program = URL(filePath: Latchkey.program.path).deletingLastPathComponent().path
            let output = try await Program("bash", package: "bash").run(
                ["-euo", "pipefail", "-c", script], folder: folder.root,
                environment: ["PATH": "\(folder.path("bin")):\(program):/usr/bin:/bin"])
            #expect(output.status == 0, "\(script): \(output)")
        }
        let blocks = try blocks("The data folder")
        try #require(blocks.count == 2)
        try await run(blocks[0])
        var late: [String] = []
        for _ in 0..<20 { late.append(try await server.createKey("amy:apple").key) }
        #expect(
            try await server.curl("/zot/auth/apikey?id=\(endedID)", "-u", "amy:apple", "-X", "DELETE").status == "200")
        // While it runs, nothing is restored.
        let config = ["--config", folder.path("latchkey.yaml")]
        let busy = try await Latchkey.program.run(["store", "restore"] + config + [folder.path("backup.sqlite")])
        #expect(busy.status == 3 && busy.standardError.contains("in use by another latchkey"), "\(busy)")
        #expect(await server.stop(end) == (end == SIGTERM ? 0 : SIGKILL))
        let data = try Set(FileManager.default.contentsOfDirectory(atPath: folder.path("data")))
        if end == SIGTERM {
            #expect(data == ["latchkey.sqlite", "latchkey.lock"], "a clean stop leaves one file")
        } else {
            #expect(data.contains("latchkey.sqlite-wal"))
        }
        try await run(blocks[1])
        #expect(try folder.text("systemctl") == "stop latchkey\nstart latchkey\n")
        let after = try FileManager.default.contentsOfDirectory(atPath: folder.path("data"))
        let aside = try #require(after.first { $0.contains(".before-") && $0.hasSuffix("Z") })
        server = try await Latchkey(restarting: server)
        for key in [kept, ended] { #expect(try await server.curl("/v2/", "-u", "amy:\(key)").status == "200") }
        for key in late { #expect(try await server.curl("/v2/", "-u", "amy:\(key)").status == "401") }
        #expect(try await server.curl("/readyz").body.contains(#""status":"ready""#))
        await server.stop()
        // What was moved aside is whole: put back, it has all that was there.
        try await run("latchkey store restore --config /etc/latchkey/latchkey.yaml \(folder.path("data/\(aside)"))")
        server = try await Latchkey(restarting: server)
        for key in [kept] + late { #expect(try await server.curl("/v2/", "-u", "amy:\(key)").status == "200") }
        #expect(try await server.curl("/v2/", "-u", "amy:\(ended)").status == "401")
        await server.stop()
    }

    @Test(
        "A store that is overwritten while the server works is not ready, as half of the keys are not, and check says damage"
    )
    func damaged() async throws {
        let folder = try folder()
        let config = ["--config", folder.path("latchkey.yaml")]
        try folder.write(
            "latchkey.yaml",
            "http: { auth: { htpasswd: { path: htpasswd }, apikey: true } }\nstorage: { rootDirectory: data }\n")
        let imported = try await Latchkey.program.run(["apikey", "import"] + config, input: try await lines(0..<3000))
        try #require(imported.status == 0, "\(imported)")
        let server = try await Latchkey(auth: "htpasswd: { path: htpasswd }, apikey: true", folder: folder)
        #expect(try await server.curl("/readyz").body.contains(#""status":"ready""#))
        let file = folder.url("data/latchkey.sqlite")
        let handle = try FileHandle(forUpdating: file)
        let size = try handle.seekToEnd()
        for page in stride(from: UInt64(4096 * 60), to: size, by: 4096) {
            try handle.seek(toOffset: page)
            try handle.write(contentsOf: Data(repeating: 0xA5, count: 4096))
        }
        try handle.close()
        try await eventually("it is not ready") {
            try await server.curl("/readyz").body.contains(#""state":"unavailable""#)
        }
        let ready = try await server.curl("/readyz")
        // Passwords go on: nobody takes the server out of service for its keys.
        #expect(ready.status == "200" && ready.body.contains(#""status":"degraded""#), "\(ready)")
        #expect(try await server.curl("/v2/", "-u", "amy:apple").status == "200")
        #expect(try server.log.contains("is damaged: put a backup in its place (latchkey store restore)"))
        let checked = try await Latchkey.program.run(["store", "check"] + config)
        #expect(checked.status == 1 && checked.standardOutput.hasPrefix("damage: "), "\(checked)")
    }

    @Test("While a restore is cut off nothing is read of what lies there: not by check, backup, inspect or export")
    func cutOff() async throws {
        let folder = try folder()
        let path = try folder.write(
            "latchkey.yaml",
            "http: { auth: { htpasswd: { path: htpasswd }, apikey: true } }\nstorage: { rootDirectory: data }\n")
        let made = try await Latchkey.program.run(["apikey", "import", "--config", path])
        #expect(made.status == 0, "\(made)")
        try folder.write("data/latchkey.sqlite.restoring-20260101T000000Z", "")
        for command in [
            ["store", "check"], ["store", "backup", folder.path("copy")], ["apikey", "inspect"], ["apikey", "export"],
        ] {
            let output = try await Latchkey.program.run(
                command + ["--config", path], input: Data("zak_00000000000000000000000000000000\n".utf8))
            #expect(
                output.status != 0 && output.standardOutput.isEmpty
                    && output.standardError.contains("was cut off before it was done: do it again"),
                "\(command): \(output)")
        }
        #expect(!FileManager.default.fileExists(atPath: folder.path("copy")))
    }

    @Test("store restore says in words why it did nothing, and ends with a status of its own for damage")
    func refusals() async throws {
        let folder = try folder()
        try folder.write(
            "latchkey.yaml",
            "http: { auth: { htpasswd: { path: htpasswd }, apikey: true } }\nstorage: { rootDirectory: data }\n")
        try folder.write("text", "no database\n")
        try folder.write(
            "pg.yaml",
            "http: { auth: { htpasswd: { path: htpasswd }, apikey: true } }\nstorage: { rootDirectory: data, postgresql: { host: 127.0.0.1 } }\n"
        )
        for (config, file, status, words) in [
            ("latchkey.yaml", "text", 1, "is damaged: it was not restored, and nothing was changed"),
            ("latchkey.yaml", "nowhere", 3, "was not restored, and nothing was changed: it can't be read"),
            ("pg.yaml", "text", 2, "keeps keys in PostgreSQL"),
        ] as [(String, String, Int32, String)] {
            let output = try await Latchkey.program.run([
                "store", "restore", "--config", folder.path(config), folder.path(file),
            ])
            #expect(output.status == status && output.standardError.contains(words), "\(output)")
        }
        #expect(!FileManager.default.fileExists(atPath: folder.path("data/latchkey.sqlite")))
    }
}
