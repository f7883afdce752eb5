import Foundation
import TestSupport
import Testing

@Suite("The command line", .serialized)
struct CommandTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
    }

    private func run(_ arguments: [String], input: String = "") async throws -> Program.Output {
        try await Latchkey.program.run(arguments, input: Data(input.utf8), folder: folder.root)
    }

    private func config(_ text: String) throws -> [String] { ["--config", try folder.write("c.yaml", text)] }

    @Test("What keeps the server from starting is one clear line, with exit status 2 or 3 and no trace")
    func startErrors() async throws {
        let occupied = try await Latchkey(auth: "apikey: true")
        let users = "htpasswd: { path: htpasswd }"
        try folder.write("file", "x")
        let certificates = try await Certificates()
        let cases: [(String, Int32, String)] = [
            ("http: { auth: { htpasswd: { path: nowhere } } }", 2, "nowhere can't be read (No such file or directory)"),
            (
                "http: { port: \(occupied.port), auth: { \(users) } }", 3,
                "127.0.0.1:\(occupied.port) is in use by another program"
            ),
            ("http: { address: 192.0.2.1, auth: { \(users) } }", 3, "192.0.2.1:8080 is no address of this machine"),
            (
                "http: { auth: { apikey: true } }\nstorage: { rootDirectory: file/data }", 3,
                "file/data can't be written"
            ),
            (
                "http: { auth: { apikey: true } }\nstorage: { rootDirectory: '\(occupied.folder.path("data"))' }", 3,
                "in use by another latchkey"
            ),
            ("http: { port: 0, tls: { cert: c.pem }, auth: { \(users) } }", 2, "http.tls.key is missing"),
            (
                "http: { port: 0, tls: { cert: nowhere.pem, key: k.pem }, auth: { \(users) } }", 2,
                "nowhere.pem: is no readable certificate"
            ),
            (
                "http: { port: 0, tls: { cert: '\(certificates.certificate)', key: '\(certificates.authority)' }, auth: { \(users) } }",
                2, "is no readable private key"
            ),
            ("http: { auth: { \(users) } }\nlog: { output: file/log }", 2, "file/log: can't be written"),
            ("http: { auth: {} }", 2, "has no source of users"),
            ("htp: 1", 2, "htp is a key that neither Latchkey nor zot knows; did you mean 'http'?"),
        ]
        for (text, status, message) in cases {
            let output = try await run(["serve"] + config(text))
            #expect(output.status == status && output.standardError.contains(message), "\(text): \(output)")
            #expect(output.standardError.split(separator: "\n").count == 1, "\(output.standardError)")
        }
        let missing = try await run(["serve", "--config", "nowhere.yaml"])
        #expect(missing.status == 2 && missing.standardError.hasPrefix("latchkey: nowhere.yaml: can't be read"))
    }

    @Test("Wrong usage is exit status 2, help is 0")
    func usage() async throws {
        for arguments in [
            ["serve"], ["serve", "--nonsense"], ["nonsense"], ["serve", "--htpasswd", "htpasswd", "--listen", "x"],
            ["verify"],
        ] {
            #expect(try await run(arguments).status == 2, "\(arguments)")
        }
        let help = try await run(["--help"])
        #expect(help.status == 0 && help.standardOutput.contains("serve"))
    }

    @Test("verify prints what each source said, and its exit status is the outcome")
    func verify() async throws {
        let config = try config(
            "http: { auth: { htpasswd: { path: htpasswd }, apikey: true } }\nstorage: { rootDirectory: data }")
        let right = try await run(["verify", "amy"] + config, input: "apple\n")
        #expect(right.status == 0 && right.standardOutput == "htpasswd: authenticated: amy by password\n")
        let wrong = try await run(["verify", "amy", "--json"] + config, input: "pear")
        #expect(wrong.status == 1)
        let object = try JSONSerialization.jsonObject(with: Data(wrong.standardOutput.utf8)) as? [String: String]
        #expect(object?["verdict"] == "rejected" && object?["detail"] == "wrong-password")
        #expect(try await run(["verify", "zoe"] + config, input: "x").status == 1)
        #expect(try await run(["verify", "amy"] + config).standardOutput.contains("empty-secret"))
        let port = try Ports.free()
        let down = try self.config("http: { auth: { ldap: { urls: ['ldap://127.0.0.1:\(port)'], baseDN: dc=x } } }")
        #expect(try await run(["verify", "amy"] + down, input: "x").status == 3)
    }

    @Test("check has a verdict for each part")
    func check() async throws {
        let port = try Ports.free()
        let fine = try await run(
            ["check"]
                + config(
                    "http: { auth: { htpasswd: { path: htpasswd }, apikey: true } }\nstorage: { rootDirectory: data }"))
        #expect(fine.status == 0 && fine.standardOutput.contains("htpasswd: ok"), "\(fine)")
        #expect(!FileManager.default.fileExists(atPath: folder.path("data")), "a check changes nothing")
        let down = try await run(
            ["check"] + config("http: { auth: { ldap: { urls: ['ldap://127.0.0.1:\(port)'], baseDN: dc=x } } }"))
        #expect(down.status == 3 && down.standardOutput.contains("ldap: unavailable: ldap://127.0.0.1:\(port)"))
        let wrong = try await run(["check", "--json"] + config("http: { x: 1 }"))
        #expect(wrong.status == 2 && wrong.standardOutput.contains(#""verdict":"wrong""#))
    }

    @Test(
        "Each of zot's examples, started from zot's own folder, loads, or is refused for a key that means security",
        arguments: [
            ("config-example.json", true), ("config-example.yaml", true), ("config-ldap.json", true),
            ("config-remote-session-store-redis.json", true), ("config-policy.json", false),
            ("config-anonymous-authz.json", true), ("config-metrics-authz.json", true),
            ("config-metrics-authn-anonymous-access.json", true), ("config-mtls.json", true),
            ("config-mtls-spiffe.json", true), ("config-openid.json", false),
            ("config-openid-claim-mapping.json", true), ("config-bearer-oidc-workload.json", false),
        ])
    func zotsExamples(file: String, loads: Bool) async throws {
        let examples = Slapd.repository.appending(path: "fixtures/zot/examples")
        try FileManager.default.copyItem(at: examples, to: folder.url("examples"))
        try FileManager.default.createDirectory(at: folder.url("test/data"), withIntermediateDirectories: true)
        try FileManager.default.copyItem(at: folder.url("htpasswd"), to: folder.url("test/data/htpasswd"))
        let output = try await Latchkey.program.run(
            ["check", "--config", "examples/\(file)"], folder: folder.root)
        if loads {
            #expect(output.standardOutput.contains("configuration: ok"), "\(output)")
            #expect(!output.standardOutput.contains("configuration: wrong"), "\(output)")
        } else {
            #expect(output.status == 2, "\(output)")
            // What would let in the whole world is not passed over either.
            let words =
                file.contains("openid") || file.contains("oidc")
                ? "or say anybody: true" : "can't be honoured by this version, and must not be passed over"
            #expect(output.standardOutput.contains(words), "\(output)")
        }
    }

    @Test("check and verify name what is wrong with a directory: certificate, service account, base, user, reason")
    func directory() async throws {
        let (certificates, other) = (try await Certificates(), try await Certificates())
        let slapd = try await Slapd(scheme: "ldaps", certificates: certificates)
        func settings(_ more: String, authority: String, base: String = "ou=Users,dc=example,dc=org") throws -> [String]
        {
            try config(
                """
                http: { auth: { ldap: { urls: ['\(slapd.url)'], baseDN: '\(base)', subtreeSearch: true, \
                caCert: '\(authority)', bindDN: 'cn=latchkey,dc=example,dc=org', \(more) } } }
                """)
        }
        let right = "bindPassword: service-password"
        let users = "ou=Users,dc=example,dc=org"
        let cases: [(more: String, authority: String, base: String, parts: [String])] = [
            (right, certificates.authority, users, ["tls: trusted", "base: found ou=Users"]),
            (
                right, other.authority, users,
                [
                    "tls: ", "subject CN=localhost", "issuer CN=Test authority", "for 127.0.0.1 localhost",
                    "valid from 20",
                    "in caCert",
                ]
            ),
            ("bindPassword: old", certificates.authority, users, ["service bind: ", "cn=latchkey"]),
            (
                right, certificates.authority, "ou=Nowhere,dc=example,dc=org",
                ["base: ", "No such object", "check baseDN"]
            ),
        ]
        for (more, authority, base, parts) in cases {
            let output = try await run(["check"] + settings(more, authority: authority, base: base))
            for part in parts { #expect(output.standardOutput.contains(part), "\(part) in \(output.standardOutput)") }
            #expect(!output.standardOutput.contains("old") && !output.standardOutput.contains("service-password"))
        }
        let fine = try settings(right + ", userGroupAttribute: memberOf", authority: certificates.authority)
        let known = try await run(["verify", "Alice"] + fine, input: "alice-password")
        for part in ["(uid=Alice)", "found 'uid=alice,", "bound as", "groups: admins", "ldap: authenticated: alice"] {
            #expect(known.standardOutput.contains(part), "\(part) in \(known.standardOutput)")
        }
        let refused = try await run(["verify", "alice"] + fine, input: "not-it")
        #expect(refused.status == 1 && refused.standardOutput.contains("Invalid credentials [wrong-password]"))
        #expect(!refused.standardOutput.contains("not-it"))
    }

    @Test(
        "The servers of a domain are those that the DNS names",
        .enabled("a resolver of its own needs root, and a kernel that lets it mount") {
            try await Program.canMount
        })
    func discovery() async throws {
        let slapd = try await Slapd()
        let dnsmasq = try Program("dnsmasq", package: "dnsmasq-base")
        // The resolver asks port 53 alone: an address of its own keeps it apart from the system's.
        let server = try dnsmasq.start(
            [
                "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--pid-file=",
                "--listen-address=127.0.0.78", "--bind-interfaces", "--address=/dir.corp.example/127.0.0.1",
                "--srv-host=_ldap._tcp.corp.example,dir.corp.example,\(slapd.port)",
            ], output: folder.url("dns"), error: folder.url("dns"))
        defer { server.signal(SIGKILL) }
        let config = try config(
            """
            http: { auth: { ldap: { domain: corp.example, insecure: true, baseDN: 'ou=Users,dc=example,dc=org', \
            subtreeSearch: true, bindDN: 'cn=latchkey,dc=example,dc=org', bindPassword: service-password } } }
            """)
        let resolver = try folder.write("resolv.conf", "nameserver 127.0.0.78\n")
        let command = """
            mount --bind \(resolver) "$(readlink -f /etc/resolv.conf)" && \
            exec \(Latchkey.program.path) verify \(config.joined(separator: " ")) alice
            """
        let unshare = try Program("unshare", package: "util-linux")
        try await eventually("dnsmasq answers") {
            let output = try await unshare.run(["-m", "sh", "-c", command], input: Data("alice-password".utf8))
            guard server.isRunning else { throw NeverHappened(description: try folder.text("dns")) }
            return output.status == 0 && output.standardOutput.contains("on ldap://dir.corp.example:\(slapd.port)")
        }
    }

    @Test("A slip in a command's name is met with the nearest one, at each level; a wrong option is not")
    func slips() async throws {
        for (words, hint) in [
            (["srve"], "serve"), (["apikey", "creat"], "create"), (["config", "shcema"], "schema"),
            (["verfy", "x"], "verify"),
        ] {
            let output = try await run(words)
            #expect(output.status == 2 && output.standardError.hasSuffix("Did you mean '\(hint)'?\n"), "\(output)")
        }
        for words in [["serve", "--prot", "x"], ["xyzzy"], ["--wrong"]] {
            let output = try await run(words)
            #expect(output.status == 2 && !output.standardError.contains("Did you mean '"), "\(output)")
        }
    }

    @Test("--version is the version at the top of CHANGELOG.md, with the commit")
    func version() async throws {
        let output = try await run(["--version"])
        let changes = try String(
            contentsOf: Slapd.repository.appending(path: "CHANGELOG.md"), encoding: .utf8)
        let newest = try #require(changes.firstMatch(of: #/\n## (\d+\.\d+\.\d+)/#)).output.1
        let line = try #require(
            output.standardOutput.wholeMatch(of: #/latchkey (\S+) \(([0-9a-f]{12}(-dirty)?|unknown)\)\n/#))
        #expect(output.status == 0 && line.1 == newest, "\(output)")
    }

    @Test("htpasswd adds, verifies, lists, audits and removes, and Apache's accepts its files")
    func htpasswd() async throws {
        let file = folder.path("users")
        let added = try await run(["htpasswd", "add", "--cost", "10", file, "zoe"], input: "grapes\n")
        #expect(added.status == 0 && added.standardOutput == "added zoe\n", "\(added)")
        #expect(try await run(["htpasswd", "verify", file, "zoe"], input: "grapes\n").status == 0)
        #expect(try await run(["htpasswd", "verify", file, "zoe"], input: "apples\n").status == 1)
        #expect(try await run(["htpasswd", "verify", file, "amy"], input: "apples\n").status == 1)
        let apache = try Program("htpasswd", package: "apache2-utils")
        #expect(try await apache.run(["-vb", file, "zoe", "grapes"]).status == 0)
        let fine = try await run(["htpasswd", "audit", file])
        #expect(fine.status == 0 && fine.standardOutput == "zoe\tbcrypt cost 10\tok\n")
        _ = try await apache.run(["-bd", file, "old", "grapes"])
        _ = try await apache.run(["-bB", "-C", "6", file, "quick", "grapes"])
        try folder.write("users", try folder.text("users") + "plain:secret\nzoe:!\n")
        let audit = try await run(["htpasswd", "audit", file])
        #expect(audit.status == 1)
        for part in [
            "old\tdes\tweak: DES", "quick\tbcrypt cost 6\tweak: bcrypt's cost 6",
            "plain\tplainText\tweak: the password stands in the clear", "line 5: a second entry of user 'zoe'",
        ] {
            #expect(audit.standardOutput.contains(part), "\(part) in \(audit.standardOutput)")
        }
        #expect(!audit.standardOutput.contains("secret"))
        let list = try await run(["htpasswd", "list", "--json", file])
        #expect(list.standardOutput.hasPrefix(#"{"user":"zoe","format":"bcrypt cost 10"}"#))
        #expect(try await run(["htpasswd", "remove", file, "old"]).status == 0)
        #expect(try await run(["htpasswd", "remove", file, "old"]).status == 1)
        #expect(try await run(["htpasswd", "remove", folder.path("nowhere"), "old"]).status == 3)
        for name in ["a:b", "#a", String(repeating: "n", count: 1100), ""] {
            #expect(try await run(["htpasswd", "add", file, name], input: "x\n").status == 2, "\(name)")
        }
        #expect(try await run(["htpasswd", "add", file, "x"], input: "\n").status == 2)
    }
}
