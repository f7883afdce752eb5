import Foundation
import TestSupport
import Testing

/// Commands with what they print, as the documentation shows them.
private struct ConsoleExample {
    /// The commands, each with the lines below it.
    let steps: [(command: String, output: String)]

    /// Reads the blocks of a page.
    static func all(_ page: String) throws -> [ConsoleExample] {
        let text = try String(contentsOf: Slapd.repository.appending(path: page), encoding: .utf8)
        return text.matches(of: #/```console\n([\s\S]*?)```/#).map { block in
            ConsoleExample(
                steps: block.output.1.split(separator: #/(?:^|\n)\$ /#).map { step in
                    let lines = step.split(separator: "\n", maxSplits: 1)
                    return (String(lines[0]), lines.count > 1 ? String(lines[1]) : "")
                })
        }
    }

    /// A text in which all that differs from one run to the next has one spelling.
    static func plain(_ text: String) -> String {
        text.replacing(/zak_[0-9a-f]{32}/, with: "KEY")
            .replacing(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/, with: "UUID")
            .replacing(/2\d{3}-\d\d-\d\dT[0-9:.]+Z/, with: "TIME")
            // What a hash may cost depends on the machine.
            .replacing(/a cost of at most \d+/, with: "a cost of at most COST")
            .replacing(/curl\/[0-9.]+/, with: "curl/VERSION")
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

@Suite("The examples of the documentation with what they print")
struct ConsoleExampleTests {
    private static let program = URL(filePath: Latchkey.program.path).deletingLastPathComponent().path

    /// Runs a command with latchkey on the path.
    /// - Returns: what it printed on both outputs.
    private func run(_ command: String, in folder: URL, input: String = "") async throws -> String {
        let output = try await Program("bash", package: "bash").run(
            ["-c", "exec 2>&1\n\(command)"], input: Data(input.utf8), folder: folder,
            environment: ["PATH": "\(Self.program):/usr/bin:/bin"])
        return output.standardOutput
    }

    @Test("README's first screen, with the demonstration's users")
    func readme() async throws {
        let slapd = try await Slapd()
        let folder = try TemporaryFolder()
        let demonstration = try String(
            contentsOf: Slapd.repository.appending(path: "config/demo.yaml"), encoding: .utf8)
        let port = try Ports.free()
        try folder.write(
            "latchkey.yaml",
            demonstration.replacing("port: 8080", with: "port: \(port)")
                .replacing("../fixtures", with: Slapd.repository.appending(path: "fixtures").path)
                .replacing("ldap://127.0.0.1:3890", with: slapd.url).replacing("../data", with: folder.path("data")))
        let server = try Latchkey.program.start(
            ["serve", "--config", folder.path("latchkey.yaml")], output: folder.url("log"), error: folder.url("log"))
        defer { server.signal(SIGKILL) }
        try await eventually("it listens") { Ports.isOpen(port) }
        let example = try #require(try ConsoleExample.all("README.md").first)
        #expect(example.steps.count == 4)
        var key = ""
        for (command, output) in example.steps {
            let real = command.replacing("127.0.0.1:8080", with: "127.0.0.1:\(port)")
                .replacing(/zak_[0-9a-f]{32}/, with: key)
            let printed = try await run(real.replacing("curl ", with: "curl -s "), in: folder.root)
            #expect(ConsoleExample.plain(printed) == ConsoleExample.plain(output), "\(real)")
            if let made = printed.firstMatch(of: /zak_[0-9a-f]{32}/) { key = String(made.output) }
        }
    }

    @Test("The operator's look before the start, with the configuration of the page")
    func operatorsLook() async throws {
        let certificates = try await Certificates()
        let slapd = try await Slapd(certificates: certificates)
        let folder = try TemporaryFolder()
        let page = try String(contentsOf: Slapd.repository.appending(path: "docs/operator.md"), encoding: .utf8)
        let configuration = try #require(page.firstMatch(of: /```yaml\n(?<text>http:[\s\S]*?)```/)).text
        try folder.write(
            "ldap-credentials.json",
            #"{"bindDN": "cn=latchkey,dc=example,dc=org", "bindPassword": "service-password"}"#)
        try folder.write(
            "htpasswd", (0..<12).map { "user\($0):{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n" }.joined())
        try folder.write(
            "latchkey.yaml",
            String(configuration).replacing(
                "address: ldap.example.org",
                with: "address: 127.0.0.1\n      port: \(slapd.port)\n      caCert: \(certificates.authority)"
            ).replacing("/etc/latchkey", with: folder.root.path).replacing("/var/lib", with: folder.root.path)
                .replacing("/var/log/latchkey", with: folder.root.path))
        let example = try #require(try ConsoleExample.all("docs/operator.md").first)
        #expect(example.steps.count == 2)
        for (command, output) in example.steps {
            // The directory of the page is another machine.
            let printed = try await run(command, in: folder.root, input: "alice-password")
                .replacing("127.0.0.1:\(slapd.port)", with: "ldap.example.org:389")
                .replacing("resolution: 127.0.0.1", with: "resolution: 192.0.2.10")
                .replacing("\(folder.root.path)/htpasswd", with: "/etc/latchkey/htpasswd")
                .replacing("\(folder.root.path)/latchkey", with: "/var/lib/latchkey")
            #expect(ConsoleExample.plain(printed) == ConsoleExample.plain(output), "\(command)")
        }
    }

    @Test("The audit trail is verified over its rotation as the page has it")
    func audit() async throws {
        let folder = try TemporaryFolder()
        try folder.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        let audit = "{ file: audit.log, sign: audit.key }"
        for _ in 0..<2 {
            let server = try await Latchkey(auth: "htpasswd: { path: htpasswd }", folder: folder, audit: audit)
            #expect(try await server.curl("/v2/", "-u", "amy:apple").status == "200")
            await server.stop()
            guard !FileManager.default.fileExists(atPath: folder.path("audit.log.1")) else { continue }
            try FileManager.default.moveItem(at: folder.url("audit.log"), to: folder.url("audit.log.1"))
        }
        func numberless(_ text: String) -> String { ConsoleExample.plain(text).replacing(/\b\d+\b/, with: "N") }
        let example = try #require(try ConsoleExample.all("docs/audit.md").first)
        for (command, output) in example.steps {
            #expect(numberless(try await run(command, in: folder.root)) == numberless(output), "\(command)")
        }
    }

    @Test("The commands of operator.md on htpasswd files do what they say")
    func files() async throws {
        let examples = try ConsoleExample.all("docs/operator.md")
        #expect(examples.count == 2)
        let folder = try TemporaryFolder()
        try folder.write("htpasswd", "old:rqXexS6ZhobKA\n")
        for (command, output) in examples[1].steps {
            let printed = try await run(
                command.replacing("/etc/latchkey/htpasswd", with: "htpasswd"), in: folder.root,
                input: "a-password-of-some-length\n")
            #expect(ConsoleExample.plain(printed) == ConsoleExample.plain(output), "\(command)")
        }
    }
}
