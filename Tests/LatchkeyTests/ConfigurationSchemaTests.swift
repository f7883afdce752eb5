import Foundation
import Logging
import TestSupport
import Testing
import Yams

@testable import latchkey

@Suite("The keys of the configuration, for editors, the environment and print")
struct ConfigurationSchemaTests {
    private let folder: TemporaryFolder
    /// A configuration in which each group of keys is there, so that each key is read.
    private let whole = """
        http:
          tls: { cert: a, key: b, cacert: c }
          operations: {}
          limits: {}
          accessControl: { repositories: { "a/**": { policies: [{ users: [x] }] } }, adminPolicy: {}, groups: { g: {} }, metrics: {} }
          auth:
            htpasswd: { path: p, maximumHashTimes: {} }
            ldap: { address: h, baseDN: dc=x, userAttribute: uid, bindDN: cn=a, bindPassword: s, activeDirectory: true, groups: { baseDN: dc=y } }
            mtls: {}
            tokens: { issuer: i, services: [s] }
            apikey: true
            apiKeys: { administrators: {} }
            cache: {}
            throttle: {}
            ownerCheck: {}
            sessions: {}
            openid: { providers: { p: { issuer: 'https://i', clientid: c } } }
            bearer: { oidc: [{ issuer: 'https://i', audiences: [a], anybody: true }] }
        storage: { rootDirectory: d, postgresql: { host: h } }
        log: { audit: { file: f } }

        """

    init() throws { folder = try TemporaryFolder() }

    private func read(_ text: String, _ environment: [String: String] = [:]) throws -> Configuration {
        try ConfigurationFile(path: try folder.write("c.yaml", text), environment: environment).read()
    }

    private func complaint(_ text: String, _ environment: [String: String] = [:]) throws -> String? {
        do {
            _ = try read(text, environment)
            return nil
        } catch let error as ConfigurationError {
            return "\(error)".replacing(folder.root.path + "/", with: "")
        }
    }

    /// Each key that is no group, with the names that lead to it.
    private func leaves(_ keys: [SchemaKey], _ path: [String] = []) -> [(path: [String], key: SchemaKey)] {
        keys.flatMap { key -> [(path: [String], key: SchemaKey)] in
            let place = path + [key.name]
            switch key.value {
            case .group(let keys): return leaves(keys, place)
            case .either(_, .group(let keys)): return leaves(keys, place)
            case .skipped, .named, .list(.group): return []
            default: return [(place, key)]
            }
        }
    }

    /// The whole configuration with something else behind a key.
    private func text(_ path: [String], _ value: Node) throws -> String {
        func set(_ path: ArraySlice<String>, _ node: Node) -> Node {
            guard let name = path.first, case .mapping(let mapping) = node else { return value }
            var pairs = mapping.map { ($0.key, $0.value) }
            if let place = pairs.firstIndex(where: { $0.0.string == name }) {
                pairs[place].1 = set(path.dropFirst(), pairs[place].1)
            } else {
                pairs.append((Node(name), value))
            }
            return Node(pairs)
        }
        return try Yams.serialize(node: set(path[...], try #require(try Yams.compose(yaml: whole))))
    }

    @Test("Each key of the schema is read: what can't stand behind it is refused, with its place")
    func read() throws {
        #expect(try complaint(whole) == nil)
        let all = leaves(ConfigurationSchema.root)
        #expect(all.count > 120)
        for (path, key) in all {
            let complaint = try complaint(text(path, Node([(Node("odd"), Node([Node("x")]))])))
            #expect(
                complaint?.contains(path.joined(separator: ".")) == true, "\(path) \(key.help): \(complaint ?? "none")")
        }
    }

    @Test("What the schema says is usual is what holds without a word")
    func usual() throws {
        func dumped(_ text: String) throws -> String {
            var configuration = try read(text)
            configuration.fingerprints = [:]
            configuration.files = []
            var output = ""
            dump(configuration, to: &output)
            // Closures and objects are others each time.
            return output.replacing(#/0x[0-9a-f]+|#\d+/#, with: "")
        }
        let before = try dumped(whole)
        var count = 0
        for (path, key) in leaves(ConfigurationSchema.root) {
            // They are on in the whole configuration.
            guard let usual = key.usual, !["apikey", "activeDirectory"].contains(key.name) else { continue }
            count += 1
            #expect(try dumped(text(path, try #require(try Yams.compose(yaml: usual)))) == before, "\(path): \(usual)")
        }
        #expect(count > 50)
    }

    @Test("A variable names one key, in any place, and counts before the file; errors name it")
    func environment() throws {
        let file = "http: { port: 1, auth: { htpasswd: { path: p } } }\n"
        let configuration = try read(
            file,
            [
                "LATCHKEY_HTTP_PORT": "8443", "LATCHKEY_HTTP_TRUSTEDPROXIES": "[10.0.0.0/8, '192.0.2.1']",
                "LATCHKEY_HTTP_AUTH_HTPASSWD_PATH": "/q", "LATCHKEY_HTTP_AUTH_APIKEY": "true",
                "LATCHKEY_STORAGE_ROOTDIRECTORY": "/data", "LATCHKEY_LOG_LEVEL": "debug",
                "LATCHKEY_HTTP_REALM": "a: b # c",
                "LATCHKEY_HTTP_ACCESSCONTROL": #"{ "repositories": { "a/**": { "defaultPolicy": ["read"] } } }"#,
                // Not the configuration's.
                "LATCHKEY_SERVER": "x", "LATCHKEY_USER": "y", "OTHER": "z",
            ])
        #expect(
            configuration.listen == [.tcp(address: "127.0.0.1", port: 8443)] && configuration.trustedProxies.count == 2)
        #expect(configuration.htpasswd?.path == "/q" && configuration.apiKeys && configuration.rootDirectory == "/data")
        #expect(configuration.log.level == .debug && configuration.realm == "a: b # c" && configuration.access != nil)
        for (name, value, message) in [
            ("LATCHKEY_HTTP_PORT", "x", "LATCHKEY_HTTP_PORT: http.port must be a number from 0 to 65535, not 'x'"),
            (
                "LATCHKEY_HTTP_PROT", "1",
                "LATCHKEY_HTTP_PROT: http.prot is a key that neither Latchkey nor zot knows; did you mean 'port'?"
            ),
            (
                "LATCHKEY_HTTP_PORT_X", "1",
                "LATCHKEY_HTTP_PORT_X: names a key within one that is no group of keys in the file"
            ),
            ("LATCHKEY_HTTP_AUTH", "x", "LATCHKEY_HTTP_AUTH: http.auth must be a group of keys"),
        ] {
            #expect(try complaint(file, [name: value]) == message)
        }
        #expect(
            try complaint(file, ["LATCHKEY_HTTP_REALM": "[a"])?.hasPrefix("LATCHKEY_HTTP_REALM: begins as YAML") == true
        )
        #expect(try complaint(file, ["LATCHKEY_HTTP__PORT": "1"])?.contains("LATCHKEY_HTTP__PORT") == true)
    }

    @Test("Each key that is no list of groups can be set by its variable")
    func everyVariable() throws {
        for (path, key) in leaves(ConfigurationSchema.root) {
            let name = "LATCHKEY_" + path.joined(separator: "_").uppercased()
            // A secret may look like anything.
            guard !key.isSecret else { continue }
            let complaint = try complaint(whole, [name: "{ odd: [x] }"])
            #expect(complaint?.hasPrefix("\(name): ") == true, "\(key.name): \(complaint ?? "none")")
        }
    }

    private func run(_ arguments: [String], _ environment: [String: String] = [:]) async throws -> Program.Output {
        let words = environment.map { "\($0)=\($1)" } + [Latchkey.program.path] + arguments
        return try await Program("env", package: "coreutils").run(words)
    }

    @Test("print shows what holds, with the environment and what is usual, and no secret; it is a configuration again")
    func printing() async throws {
        let file = try folder.write(
            "c.yaml",
            """
            HTTP: { Port: 9000, auth: { ldap: { address: h, baseDN: [dc=x, dc=y], userAttribute: uid, bindDN: cn=a, bindPassword: s3cret } },
              accessControl: { repositories: { "Team/**": { policies: [{ users: [x], actions: [read] }] } } } }

            """)
        let output = try await run(["config", "print", "--config", file], ["LATCHKEY_HTTP_REALM": "from outside"])
        let text = output.standardOutput
        #expect(output.status == 0 && !text.contains("s3cret") && text.contains("bindPassword: (hidden)"), "\(output)")
        for line in [
            "port: 9000", "realm: from outside", "address: 127.0.0.1", "level: info", "minimumTLSVersion: 1.2",
            "Team/**:",
        ] {
            #expect(text.contains(line), "\(line)")
        }
        #expect(!text.contains("htpasswd") && !text.contains("dedupe"))
        let again = try await run(["config", "print", "--config", try folder.write("again.yaml", text)])
        #expect(again.standardOutput == text, "\(again)")
        let claims = try folder.write(
            "claims.yaml",
            """
            http: { externalURL: "https://a", auth: { openid: { providers: { p: { issuer: "https://i", clientid: c, requiredClaims: { hd: x, tier: 3, a: [true, "true"] } } } } } }
            storage: { rootDirectory: d }

            """)
        let demands = try await run(["config", "print", "--config", claims])
        #expect(demands.status == 0 && demands.standardOutput.contains("tier: 3"), "\(demands)")
        let demandsAgain = try await run([
            "config", "print", "--config", try folder.write("claims2.yaml", demands.standardOutput),
        ])
        #expect(demandsAgain.standardOutput == demands.standardOutput, "with its types: \(demandsAgain)")
        let broken = try await run(["config", "print", "--config", file], ["LATCHKEY_HTTP_PORT": "x"])
        #expect(broken.status == 2 && broken.standardError.contains("LATCHKEY_HTTP_PORT"))
    }

    @Test(
        "The JSON Schema takes the configurations of this repository and of zot's examples, and finds slips, as python3-jsonschema reads it"
    )
    func schema() async throws {
        let schema = folder.url("schema.json")
        try Data(try await run(["config", "schema"]).standardOutput.utf8).write(to: schema)
        let script = """
            import json, sys, yaml, jsonschema
            schema = json.load(open(sys.argv[1]))
            jsonschema.Draft202012Validator.check_schema(schema)
            validator = jsonschema.Draft202012Validator(schema)
            for path in sys.argv[2:]:
                print(path.split("/")[-1], *sorted(e.json_path for e in validator.iter_errors(yaml.safe_load(open(path)))))
            """
        let slips = try folder.write(
            "slips.yaml",
            "http: { prot: 1, port: x, auth: { htpasswd: { path: p, rehash: perhaps }, bearer: { awsSecretsManager: {} } }, readTimeout: 5 minutes }\n"
        )
        let configurations = ["config/latchkey.yaml", "config/demo.yaml", "packaging/latchkey.yaml"].map {
            Slapd.repository.appending(path: $0).path
        }
        let output = try await Program("python3", package: "python3-jsonschema python3-yaml").run(
            ["-c", script, schema.path] + configurations + [try folder.write("whole.yaml", whole), slips])
        #expect(
            output.standardOutput == """
                latchkey.yaml
                demo.yaml
                latchkey.yaml
                whole.yaml
                slips.yaml $.http $.http.auth.bearer.awsSecretsManager $.http.auth.htpasswd.rehash $.http.port $.http.readTimeout

                """, "\(output)")
    }
}
