import Foundation
import TestSupport
import Testing

@testable import latchkey

@Suite("Exit statuses that are true")
struct StandardOutputTests {
    /// Runs latchkey with standard output, and perhaps standard error, on a disk that is full.
    private func run(
        _ arguments: [String], input: String = "", redirect: String = "> /dev/full"
    ) async throws -> Program.Output {
        try await Program("sh", package: "dash").run(
            ["-c", "exec \"$0\" \"$@\" \(redirect)", Latchkey.program.path] + arguments, input: Data(input.utf8))
    }

    @Test("A command that can't print what it has to say says so, and does not end with 0: each of them, and help too")
    func full() async throws {
        let folder = try TemporaryFolder()
        try folder.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        let server = try await Latchkey(
            auth: "htpasswd: { path: htpasswd }, apikey: true",
            http: "accessControl: { repositories: { '**': { defaultPolicy: [read] } } }",
            folder: folder)
        _ = try await server.createKey("amy:apple")
        let config = ["--config", folder.path("latchkey.yaml")]
        let at = ["--server", server.url, "-u", "amy"]
        for arguments in [
            ["--help"], ["--version"], ["help", "serve"], ["apikey", "create", "--help"],
            ["--generate-completion-script", "bash"], ["config", "schema"], ["config", "print"] + config,
            ["check"] + config, ["check", "--json"] + config, ["access"] + config + ["amy", "read", "x"],
            ["verify", "amy"] + config, ["store", "check"] + config, ["apikey", "export"] + config,
            ["apikey", "list"] + at, ["apikey", "list", "--json"] + at, ["apikey", "revoke", "--all", "--json"] + at,
            ["htpasswd", "list", folder.path("htpasswd")], ["htpasswd", "verify", folder.path("htpasswd"), "amy"],
            ["htpasswd", "audit", folder.path("htpasswd")], ["audit", "verify", folder.path("audit.log")],
        ] {
            let output = try await run(arguments, input: "apple\n")
            #expect(output.status == 3, "\(arguments): \(output)")
            #expect(
                output.standardError.contains("standard output can't be written (No space left on device)"),
                "\(arguments): \(output)")
            let blind = try await run(arguments, input: "apple\n", redirect: "> /dev/full 2> /dev/full")
            #expect(blind.status == 3, "\(arguments): \(blind)")
            let closed = try await run(arguments, input: "apple\n", redirect: ">&-")
            #expect(closed.status == 3, "\(arguments): \(closed)")
        }
    }

    @Test("A key that was made and not seen is named, so that it can be revoked")
    func created() async throws {
        let folder = try TemporaryFolder()
        try folder.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        let server = try await Latchkey(auth: "htpasswd: { path: htpasswd }, apikey: true", folder: folder)
        for more in [[], ["--json"]] {
            let output = try await run(
                ["apikey", "create", "--server", server.url, "-u", "amy"] + more, input: "apple\n")
            let id = try #require(output.standardError.firstMatch(of: /the key ([0-9a-f-]{36}) was made/)).output.1
            #expect(output.status == 3 && output.standardError.split(separator: "\n").count == 1, "\(output)")
            #expect(try await server.curl("/zot/auth/apikey", "-u", "amy:apple").body.contains(id))
        }
    }

    @Test("Wrong words on a standard error that is full are a status, and no crash")
    func blind() async throws {
        for arguments in [["nonsense"], ["check", "--config", "/nowhere"], ["serve"]] {
            let output = try await run(arguments, redirect: "2> /dev/full")
            #expect(output.status == 2, "\(arguments): \(output)")
        }
    }

    @Test("Commands print by one way alone")
    func oneWay() throws {
        let sources = Slapd.repository.appending(path: "Sources/latchkey")
        let files = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)?.allObjects ?? []
        for case let file as URL in files where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            for word in ["Swift.print(", "FileHandle.standardOutput", "FileHandle.standardError", "puts(", "fputs("] {
                #expect(!text.contains(word), "\(file.lastPathComponent): \(word)")
            }
        }
    }

    @Test(
        "What a server, a file or a typing slip brings can't drive the terminal, and an API key in the wrong place is not repeated"
    )
    func words() async throws {
        #expect(Visible.line("a\nb\u{1B}[2J\u{202E}c\u{9B}") == #"a\u000ab\u001b[2J\u202ec\u009b"#)
        #expect(Visible.text("a\nb\tc\u{2028}") == "a\nb\tc\\u2028")
        let key = "zak_0123456789abcdef0123456789abcdef"
        for arguments in [
            ["apikey", "inspect", key], ["apikey", "list", "--server", key], ["\(key)"],
            ["apikey", "revoke", "--leaked", key],
            ["apikey", "create", "--expires", key, "--server", "http://127.0.0.1:1", "-u", "x"], ["access", key],
        ] {
            let output = try await run(arguments, redirect: "")
            #expect(output.status == 2 && !output.standardError.contains(key.dropFirst(8)), "\(output)")
        }
    }
}
