import Credentials
import Foundation
import LDAPDirectory
import TestSupport
import Testing
import Yams

@testable import latchkey

@Suite("Secrets of the configuration, and what is said of it")
struct SecretsInMessagesTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// All that is said of a configuration: the error, or the notices and what `config print` shows.
    private func said(_ text: String, _ environment: [String: String] = [:]) throws -> String {
        let file = ConfigurationFile(path: try folder.write("c.yaml", text), environment: environment)
        do {
            let configuration = try file.read()
            return configuration.notices.joined(separator: "\n") + (try EffectiveConfiguration(file.root()).text())
        } catch let error as ConfigurationError {
            return "\(error)"
        }
    }

    /// The secret keys, with the names that lead to them.
    private static func secrets(_ keys: [SchemaKey], _ path: [String] = []) -> [[String]] {
        keys.flatMap { key -> [[String]] in
            if key.isSecret { return [path + [key.name]] }
            var (value, place) = (key.value, path + [key.name])
            if case .named(let element) = value { (value, place) = (element, place + ["corp"]) }
            return value.group.map { secrets($0.keys, place) } ?? []
        }
    }

    /// A configuration in which each group with a secret is there, but for the secrets.
    private let whole = """
        http:
          externalURL: https://a.example
          auth:
            ldap: { address: h, baseDN: dc=x, userAttribute: uid, bindDN: cn=a }
            openid: { providers: { corp: { issuer: 'https://i.example', clientid: c, anybody: true } } }
        storage: { rootDirectory: d, postgresql: { user: u } }

        """

    @Test("Whatever a secret looks like, and wherever it comes from, no message, notice or print has it")
    func everySecret() throws {
        let all = Self.secrets(ConfigurationSchema.root)
        #expect(all.count >= 5 && all.contains(["http", "auth", "openid", "providers", "corp", "clientsecret"]))
        // None of these parts is a word that a message has of its own.
        let forms = [
            "%", "{%", "{%}", "{%: y}", "{a: %}", "[%", "[%]", "[[%]]", "\"%", "\"%\"", "'%", "'%'", "'%' x", "*%",
            "&% x",
            "!%", "|%", ">%", "%: y", "- %", "# %", "@%", "`%`", "%%", "? %", "{%, %}", "{%: 1, %: 2}", "<<: *%",
            "postgresql://u:%@h/d", "postgresql://u:%@h:99999999/d?x", "host=h password=%", "\u{1}%", "%\u{2028}%",
        ]
        for path in all {
            for form in forms {
                let value = form.replacing("%", with: "s3cr3tW0rd")
                let variable = "LATCHKEY_" + path.joined(separator: "_").uppercased()
                let texts = [
                    try said(whole, [variable: value]), try said(written(path, value)),
                    try said(whole.replacing("user: u", with: "host: h"), [variable: value]),
                    // Twice, and with what does not belong there beside it.
                    try said(written(path, value) + "odd: [\n"), try said(written(path, value) + "storage: {}\n"),
                    try said(whole, [variable: value, variable + "_X": value]),
                ]
                for text in texts { #expect(!text.contains("s3cr3t"), "\(path) \(form): \(text)") }
            }
        }
    }

    /// The configuration with a text behind a key, as somebody would type it.
    private func written(_ path: [String], _ value: String) -> String {
        var (text, indent) = ("", "")
        for name in path.dropLast() {
            text += "\(indent)\(name):\n"
            indent += "  "
        }
        return text + "\(indent)\(path.last ?? ""): \(value)\n"
    }

    @Test(
        "A secret of the environment is taken as it is, whatever it begins with, and without quotation marks if all of it is in them"
    )
    func asItIs() throws {
        let text = "http: { auth: { ldap: { address: h, baseDN: dc=x, userAttribute: uid, bindDN: cn=a } } }\n"
        for (value, secret) in [
            ("{s3cr3t", "{s3cr3t"), ("[x", "[x"), ("{a: b}", "{a: b}"), ("[a]", "[a]"), ("\"x", "\"x"), ("'x", "'x"),
            ("\"a\"b", "\"a\"b"), ("\"{a\"", "{a"), ("'it''s'", "it's"), ("plain", "plain"), ("a: b # c", "a: b # c"),
            ("null", "null"), ("~", "~"),
        ] {
            let file = ConfigurationFile(
                path: try folder.write("c.yaml", text), environment: ["LATCHKEY_HTTP_AUTH_LDAP_BINDPASSWORD": value])
            let account = try #require(try file.read().directory?.options.serviceAccount)
            #expect(account.password.isEqualInConstantTime(to: Array(secret.utf8)), "\(value)")
        }
    }

    @Test("The password in an address is not told either, of whatever key or option")
    func addresses() async throws {
        for text in [
            "http: { auth: { ldap: { urls: ['http://cn=a:s3cr3t@h'], baseDN: dc=x } } }\n",
            "http: { externalURL: 'ftp://u:s3cr3t@h', auth: { apikey: true } }\n",
            "http: { allowOrigin: ['https://u:s3cr3t@h'], auth: { apikey: true } }\n",
            "http: { auth: { openid: { callbackAllowOrigins: ['https://u:s3cr3t@h/x'], providers: { p: { issuer: 'https://u:s3cr3t@h', clientid: c } } } } }\n",
            "http: { auth: { bearer: { oidc: [{ issuer: 'https://u:s3cr3t@h', audiences: [a] }] } } }\n",
        ] {
            let words = try said(text)
            #expect(!words.contains("s3cr3t"), "\(words)")
        }
        for server in ["https://u:s3cr3t@h", "ftp://u:s3cr3t@h", "http://u:s3cr3t@127.0.0.1:1"] {
            for environment in [[:], ["LATCHKEY_SERVER": server]] {
                let more = environment.isEmpty ? ["--server", server] : []
                let output = try await Latchkey.program.run(
                    ["apikey", "list", "-u", "x"] + more, input: Data("y\n".utf8), environment: environment)
                #expect(output.status == 2 && !output.standardError.contains("s3cr3t"), "\(output)")
            }
        }
    }

    @Test("No part of PostgreSQL's password is told, in whatever way it is not escaped in the address")
    func databaseAddresses() async throws {
        for address in [
            "postgres://u:hun%zzhunter2@127.0.0.1:1/d", "postgres://u:a@hunter2@127.0.0.1:1/d",
            "postgres://u:a@hunter2@", "postgres://u:a/hunter2@127.0.0.1:1/d", "postgres://u:12@127.0.0.1:hunter2@h/d",
            "postgres://u:a@127.0.0.1:1/d?hunter2=1",
            "postgres://u:a@[hunter2@127.0.0.1:1/d", "postgres://u:a@127.0.0.1:1/hunter2@h/d",
            "postgress://u:hunter2@127.0.0.1:1/d", "postgress://u:hunter2@127.0.0.1:1/d?sslmode=require",
            "u:hunter2@127.0.0.1/d", "host=127.0.0.1 port=1 password=a hunter2",
            "host=127.0.0.1 port=1 password=a hunter2=x", "host=127.0.0.1 port=1 password='hunter2",
        ] {
            let path = try folder.write(
                "pg.yaml",
                """
                http: { auth: { apikey: true } }
                storage: { postgresql: { url: "\(address)" } }
                """)
            let output = try await Latchkey.program.run(["check", "--config", path])
            let words = output.standardOutput + output.standardError
            #expect(output.status != 0 && !words.contains("hunter2"), "\(address): \(output)")
            #expect(words.contains("percent-encoded"), "\(address): \(output)")
        }
        // What is written rightly still says why.
        let path = try folder.write(
            "pg.yaml",
            "http: { auth: { apikey: true } }\nstorage: { postgresql: { url: 'postgres://u:a%40b@127.0.0.1:1/d' } }\n")
        let output = try await Latchkey.program.run(["check", "--config", path])
        #expect((output.standardOutput + output.standardError).contains("Connection refused"), "\(output)")
    }

    @Test("A variable that nearly names a key is told of, and one that means something else is not")
    func misspelt() throws {
        let text = "http: { auth: { apikey: true } }\nstorage: { rootDirectory: d }\n"
        for (name, meant) in [
            ("LATCHKEY_STORGE_ROOTDIRECTORY", "LATCHKEY_STORAGE_ROOTDIRECTORY"),
            ("LATCHKEY_HTP_PORT", "LATCHKEY_HTTP_PORT"), ("LATCHKEY_LOGS_LEVEL", "LATCHKEY_LOG_LEVEL"),
            ("LATCHKEY_AUTH_LDAP_BINDPASSWORD", "LATCHKEY_HTTP_AUTH_LDAP_BINDPASSWORD"),
            ("LATCHKEY_PORT", "LATCHKEY_HTTP_PORT"),
        ] {
            let words = try said(text, [name: "s3cr3t"])
            #expect(
                words.contains("the variable \(name) names no key") && words.contains("did you mean \(meant)?"),
                "\(words)")
            #expect(!words.contains("s3cr3t"))
        }
        // What Kubernetes sets for a service called latchkey, and what the command line knows.
        for (name, value) in [
            ("LATCHKEY_PORT", "tcp://10.0.0.1:8080"), ("LATCHKEY_PORT_8080_TCP", "tcp://10.0.0.1:8080"),
            ("LATCHKEY_PORT_8080_TCP_PROTO", "tcp"), ("LATCHKEY_PORT_8080_TCP_PORT", "8080"),
            ("LATCHKEY_PORT_8080_TCP_ADDR", "10.0.0.1"), ("LATCHKEY_SERVICE_HOST", "10.0.0.1"),
            ("LATCHKEY_SERVICE_PORT", "8080"), ("LATCHKEY_SERVICE_PORT_HTTP", "8080"), ("LATCHKEY_SERVER", "x"),
            ("LATCHKEY_USER", "x"), ("LATCHKEY_COMMIT", "x"), ("LATCHKEY_", "x"), ("LATCHKEY", "x"),
        ] {
            #expect(try !said(text, [name: value]).contains("the variable"), "\(name)")
        }
    }

    @Test("The schema for editors takes of sizes, numbers and durations what the server takes, and nothing else")
    func schema() async throws {
        let cases: [(key: String, values: [String])] = [
            (
                "cache",
                [
                    "64MB", "64Mi", "64KB", "64000000B", "64000000", "64MiB", "64mib", "64 MiB", "64M", "1g", "1GiB",
                    "64  MiB",
                    "+64MiB", "64MiBs", "64.5MiB", "-64MiB", "MiB", "0x4000000", " 64MiB",
                ]
            ),
            (
                "maxPerUser",
                [
                    "1", "0", "1000000", "1000001", "007", "+5", "-1", "1e3", "1.5", "99999999999999999999", "٣", "",
                    "0x10",
                ]
            ),
            ("alertAfterNetworks", ["0", "00", "1000000", "1000001", "-0"]),
            (
                "tombstones",
                [
                    "5", "0.5", "500ms", "5 m", "1e3", ".5", "5.", "+5", "0x1p3", "inf", "nan", "5M", "90d", "-1d",
                    "1.5h",
                ]
            ),
        ]
        var rows: [[String]] = []
        for (key, values) in cases {
            for value in values {
                let text =
                    "http: { auth: { apikey: true, apiKeys: { \(key): \"\(value)\" } } }\nstorage: { rootDirectory: d }\n"
                let isTaken =
                    (try? ConfigurationFile(path: try folder.write("c.yaml", text), environment: [:]).read()) != nil
                // An empty text is no word of the operator.
                guard !value.isEmpty else { continue }
                rows.append([text, "\(isTaken)"])
            }
        }
        #expect(rows.contains { $0[1] == "true" } && rows.contains { $0[1] == "false" })
        let script = """
            import json, sys, yaml, jsonschema
            schema, rows = json.load(open(sys.argv[1])), json.load(open(sys.argv[2]))
            validator = jsonschema.Draft202012Validator(schema)
            for text, taken in rows:
                valid = not list(validator.iter_errors(yaml.safe_load(text)))
                if valid != (taken == "true"): print(text, "the schema says", valid)
            """
        try JSONSchema.document().write(to: folder.url("schema.json"))
        try JSONEncoder().encode(rows).write(to: folder.url("rows.json"))
        let output = try await Program("python3", package: "python3-jsonschema python3-yaml").run([
            "-c", script, folder.path("schema.json"), folder.path("rows.json"),
        ])
        #expect(output.status == 0 && output.standardOutput.isEmpty, "\(output)")
    }

    @Test("The pattern for the numbers of a range fits these and no others")
    func ranges() throws {
        var random = Seeded.announced()
        for _ in 0..<200 {
            let ends = [Int.random(in: 0...30, using: &random), Int.random(in: 0...1200, using: &random)].sorted()
            let pattern = try Regex(NumberPattern.of(ends[0]...ends[1]))
            for number in 0...1300 {
                #expect(("\(number)".wholeMatch(of: pattern) != nil) == (ends[0]...ends[1]).contains(number))
            }
        }
    }

    @Test("No size, number or duration of a configuration ends the program, however large, and no time of a file")
    func large() async throws {
        try folder.write("old", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        for time in ["@9223372036", "@9223372037", "@253402300800", "@99999999999999", "@-99999999999999"] {
            // A file system that has not such a time takes the nearest one.
            _ = try await Program("touch", package: "coreutils").run(["-d", time, folder.path("old")])
            let output = try await Latchkey.program.run(["check", "--htpasswd", folder.path("old")])
            #expect(output.status == 0, "\(time): \(output)")
        }
        try folder.write("htpasswd", "amy:$2y$05$abcdefghijklmnopqrstuuZ0NbVzQ9iP5wA8ZgqOYxgnvWZxqMyD6\n")
        for value in [
            "18446744073709551615", "18446744073709551616", "-1", "9223372036854775807", "17179869183GiB", "1e308",
            "99999999999d",
        ] {
            for key in [
                "htpasswd: { path: htpasswd, maximumHashMemory: %, maximumHashTime: 100s }",
                "htpasswd: { path: htpasswd, maximumHashTime: % }",
                "htpasswd: { path: htpasswd }, apiKeys: { cache: % }",
                "htpasswd: { path: htpasswd }, apiKeys: { defaultLifetime: % }",
                "htpasswd: { path: htpasswd }, apiKeys: { tombstones: %, maxLifetime: % }",
                "htpasswd: { path: htpasswd }, failDelay: %",
                "htpasswd: { path: htpasswd }, cache: { lifetime: %, capacity: % }",
                "htpasswd: { path: htpasswd }, throttle: { halfLife: %, firstDelay: %, maximumDelay: % }",
                "htpasswd: { path: htpasswd }, sessions: { idle: %, lifetime: % }, ownerCheck: { interval: %, grace: % }",
            ] {
                let auth = key.replacing("%", with: value)
                let path = try folder.write(
                    "c.yaml", "http: { auth: { apikey: true, \(auth) } }\nstorage: { rootDirectory: data }\n")
                let output = try await Latchkey.program.run(["check", "--config", path])
                #expect([0, 2, 3].contains(output.status), "\(auth): \(output)")
            }
        }
    }
}
