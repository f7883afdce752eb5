import Foundation
import TestSupport
import Testing

@testable import latchkey

@Suite("The examples of the documentation")
struct DocumentationTests {
    private static let docs = Slapd.repository.appending(path: "docs")

    /// The blocks of a page in one language, in order.
    private static func blocks(_ page: String, _ language: String) throws -> [String] {
        let text = try String(contentsOf: docs.appending(path: page), encoding: .utf8)
        return text.matches(of: #/```(\w+)\n([\s\S]*?)```/#).filter { $0.output.1 == language }.map {
            String($0.output.2)
        }
    }

    @Test(
        "Each piece of configuration loads",
        arguments: ["access.md", "keys.md", "audit.md", "operator.md", "migrate.md", "nodes.md"])
    func configurations(page: String) throws {
        let folder = try TemporaryFolder()
        let blocks = try Self.blocks(page, "yaml")
        #expect(!blocks.isEmpty)
        for block in blocks {
            var text = block
            // A piece shows what it is about; what every configuration needs is added.
            if text.hasPrefix("ldap:") {
                text = "http:\n  auth:\n" + text.split(separator: "\n").map { "    \($0)\n" }.joined()
            }
            if !text.contains("http:") { text += "http: { auth: { htpasswd: { path: htpasswd } } }\n" }
            if !text.contains("auth:") {
                text = text.replacing(
                    "http:\n", with: "http:\n  auth: { htpasswd: { path: htpasswd } }\n", maxReplacements: 1)
            }
            if !text.contains("storage:") { text += "storage: { rootDirectory: data }\n" }
            try folder.write("ldap-credentials.json", #"{"bindDN": "cn=a,dc=b", "bindPassword": "x"}"#)
            text = text.replacing("/etc/latchkey/", with: folder.root.path + "/")
            let path = try folder.write("c.yaml", text)
            try folder.write("postgresql", "secret\n")
            #expect(throws: Never.self, "\(text)") {
                try ConfigurationFile(path: path, environment: ["CREDENTIALS_DIRECTORY": folder.root.path]).read()
            }
        }
    }

    @Test("Each piece of configuration of the page on logins loads, without a notice")
    func logins() async throws {
        let folder = try TemporaryFolder()
        let certificates = try await Certificates()
        let blocks = try Self.blocks("logins.md", "yaml")
        #expect(blocks.count >= 6)
        for name in ["htpasswd", "sso-secret", "github-secret"] { try folder.write(name, "secret\n") }
        let provider =
            "providers: { corp: { issuer: 'https://sso.example.org', clientid: c }, github: { clientid: c, organizations: [acme] } }"
        for block in blocks {
            var text = block
            // A piece shows what it is about, at its place; what leads there is added.
            if text.hasPrefix("    ") { text = "http:\n  externalURL: https://auth.example.org\n  auth:\n" + text }
            if text.contains("identities:") { text += "      \(provider)\n" }
            if !text.contains("storage:") { text += "storage: { rootDirectory: /var/lib/latchkey }\n" }
            text = text.replacing("/etc/latchkey/signer.crt", with: certificates.certificate)
                .replacing("/etc/latchkey/", with: folder.root.path + "/")
                .replacing("/var/run/secrets/kubernetes.io/serviceaccount/ca.crt", with: certificates.authority)
            let path = try folder.write("c.yaml", text)
            do {
                let read = try ConfigurationFile(
                    path: path, environment: ["CREDENTIALS_DIRECTORY": folder.root.path]
                ).read()
                #expect(read.notices.isEmpty, "\(text)")
            } catch {
                Issue.record("\(text): \(error)")
            }
        }
    }

    @Test("Each test that the page on threats names is there")
    func threats() throws {
        let page = try String(contentsOf: Self.docs.appending(path: "threats.md"), encoding: .utf8)
        let names = page.matches(of: /"([^"]+)" \|\n/).map { String($0.output.1) }
        #expect(names.count > 15)
        let tests = Slapd.repository.appending(path: "Tests")
        let files = FileManager.default.enumerator(at: tests, includingPropertiesForKeys: nil)?.allObjects ?? []
        let sources = try files.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
            .map { try String(contentsOf: $0, encoding: .utf8) }
        for name in names { #expect(sources.contains { $0.contains("\"\(name)\"") }, "\(name)") }
    }

    /// Runs a script with a server, and latchkey on the path.
    private func run(_ script: String, _ server: Latchkey, _ more: [String: String] = [:]) async throws
        -> Program.Output
    {
        let program = URL(filePath: Latchkey.program.path).deletingLastPathComponent().path
        let path = "\(program):/usr/local/bin:/usr/bin:/bin:/usr/sbin"
        return try await Program("bash", package: "bash").run(
            ["-euo", "pipefail", "-c", script], folder: server.folder.root,
            environment: more.merging(["PATH": path]) { $1 })
    }

    @Test("The commands of the page on keys work as they stand, but for addresses, ids and passwords")
    func keys() async throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "htpasswd", "alice:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\nuser7:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        let server = try await Latchkey(auth: "htpasswd: { path: htpasswd }, apikey: true", folder: folder)
        let scripts = try Self.blocks("keys.md", "sh")
        #expect(scripts.count == 4)
        // Each command asks for the password on a terminal; here it is on standard input.
        var script = scripts[0].replacing("https://auth.example.org", with: server.url)
        script = script.split(separator: "\n").map { line in
            line.hasPrefix("latchkey") ? "echo apple | \(line)" : "\(line)"
        }.joined(separator: "\n").replacing("$(latchkey", with: "$(echo apple | latchkey")
        // Nobody logs in to Docker's registry here: that the key alone comes through is seen by whom it lets in.
        script = script.replacing(
            "docker login -u alice --password-stdin registry.example.org",
            with:
                "(read -r KEY; test \"$(curl -s -o /dev/null -w '%{http_code}' -u \"alice:$KEY\" \(server.url)/v2/)\" = 200)"
        )
        let (_, id) = try await server.createKey("alice:apple")
        let (_, second) = try await server.createKey("alice:apple")
        let uuid = "46a45ce7-5d92-498a-a9cb-9654b1da3da1"
        script = script.replacing("rotate \(uuid)", with: "rotate \(id)").replacing(
            "revoke \(uuid)", with: "revoke \(second)")
        let output = try await run(script + "\necho \"KEY is $KEY\"", server)
        #expect(output.status == 0 && output.standardOutput.contains("KEY is zak_"), "\(script) \(output)")

        let (leaked, _) = try await server.createKey("alice:apple")
        let report = scripts[1].replacing("https://auth.example.org", with: server.url).replacing("zak_…", with: leaked)
            .replacing("latchkey apikey", with: "echo \(leaked) | LATCHKEY_SERVER=\(server.url) latchkey apikey")
        let reported = try await run(report, server)
        #expect(reported.status == 0, "\(report) \(reported)")
        #expect(try await server.curl("/v2/", "-u", "alice:\(leaked)").status == "401")

        // The server must not run while keys are imported.
        await server.stop()
        try folder.write(
            "new.yaml",
            "http: { auth: { htpasswd: { path: htpasswd }, apikey: true } }\nstorage: { rootDirectory: new }\n")
        let database = Slapd.repository.appending(path: "fixtures/zot/meta.db").path
        // RecycledNamesTests has the third.
        let moves = scripts[3].replacing("/var/lib/zot/meta.db", with: database)
            .replacing("/backup/latchkey.sqlite", with: folder.path("backup.sqlite"))
        let moved = try await run(moves, server)
        #expect(moved.status == 0 && moved.standardOutput.contains("is sound"), "\(moves) \(moved)")
    }

    @Test("The commands of the page on access work with the configuration of the page")
    func access() async throws {
        let folder = try TemporaryFolder()
        try folder.write("htpasswd", "alice:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        let example = try #require(try Self.blocks("access.md", "yaml").first)
        try folder.write(
            "latchkey.yaml", example.replacing("http:\n", with: "http:\n  auth: { htpasswd: { path: htpasswd } }\n"))
        let script = try #require(try Self.blocks("access.md", "sh").first)
        let commands = script.split(separator: "\n").filter { $0.hasPrefix("latchkey") }
        #expect(commands.count == 2)
        let program = URL(filePath: Latchkey.program.path).deletingLastPathComponent().path
        for (command, end) in zip(
            commands, ["allowed: a policy of `team/**` names alice\n", "leaves `create` on `team/app` to it\n"])
        {
            let output = try await Program("bash", package: "bash").run(
                ["-c", String(command)], folder: folder.root, environment: ["PATH": "\(program):/usr/bin:/bin"])
            #expect(output.standardOutput.hasSuffix(end), "\(command): \(output)")
        }
    }
}
