import AuthService
import Credentials
import Foundation
import Htpasswd
import LDAPDirectory
import Logging
import OpenIDConnect
import TestSupport
import Testing
import Yams

@testable import latchkey

@Suite("Configuration")
struct ConfigurationTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func read(_ text: String, name: String = "c.yaml") throws -> Configuration {
        try ConfigurationFile(path: try folder.write(name, text), environment: ["LDAP_PASSWORD": "from-environment"])
            .read()
    }

    /// The error that a configuration gives.
    private func complaint(_ text: String, name: String = "c.yaml") throws -> String {
        do {
            _ = try read(text, name: name)
            return "none"
        } catch let error as ConfigurationError {
            return "\(error)".replacing(folder.root.path + "/", with: "")
        }
    }

    @Test(
        "YAML with every kind of value is read, keys without regard to case, numbers as strings, paths relative to the file"
    )
    func yaml() throws {
        let configuration = try read(
            """
            HTTP:
              Address: "::1"
              port: "8443"
              Realm: r
              tls: { cert: s.crt, key: /abs/s.key }
              trustedProxies: [127.0.0.1/32, 10.0.0.0/8]
              auth:
                HTPasswd: { path: users, authoritative: "true" }
                failDelay: 0.25
                apiKey: true
                ownerCheck: { interval: 2m, grace: 1d }
            storage: { rootDirectory: data }
            log: { level: WARN, audit: audit.log, format: json }
            """)
        #expect(configuration.listen == [.tcp(address: "::1", port: 8443)] && configuration.realm == "r")
        #expect(configuration.tls == .init(certificate: folder.path("s.crt"), key: "/abs/s.key"))
        #expect(configuration.trustedProxies.count == 2)
        #expect(configuration.htpasswd?.path == folder.path("users") && configuration.htpasswd?.isAuthoritative == true)
        #expect(configuration.failDelay == .milliseconds(250) && configuration.apiKeys)
        #expect(configuration.ownerCheck == .init(interval: .seconds(120), grace: .seconds(86400)))
        #expect(configuration.rootDirectory == folder.path("data"))
        #expect(
            configuration.log.level == .warning && configuration.log.format == .json && configuration.notices.isEmpty)
    }

    @Test("zot's own examples load unchanged: LDAP with a credentials file, API keys, tabs in JSON")
    func zotExamples() throws {
        for file in ["zot-ldap.json", "zot-apikey.json"] {
            let path = Slapd.repository.appending(path: "fixtures/zot/\(file)").path
            let configuration = try ConfigurationFile(path: path).read()
            #expect(configuration.listen == [.tcp(address: "127.0.0.1", port: 8080)] && configuration.realm == "zot")
            switch file {
            case "zot-ldap.json":
                let options = try #require(configuration.directory?.options)
                #expect(options.urls == ["ldaps://directory.corp.example:389"] && options.trust == .anything)
                #expect(options.serviceAccount?.bindDN == "cn=searcher,dc=corp,dc=example")
                #expect(options.scope == .subtree && options.groups.attribute == "memberOf")
                #expect(configuration.failDelay == .seconds(5))
            default: #expect(configuration.apiKeys && configuration.htpasswd != nil)
            }
            #expect(configuration.notices.contains { $0.contains("distSpecVersion") })
        }
    }

    @Test("Every key of zot's that has to do with logging in or with storage is known")
    func zotsKeys() throws {
        let configuration = try read(
            """
            http: { externalURL: 'https://x.example/', allowOrigin: 'https://a, https://b', readTimeout: 5s, writeTimeout: 10s, ratelimit: {},
                compat: [], realm: r, auth: { htpasswd: { path: h }, apikey: true, failDelay: 1, sessionKeysFile: x,
                sessionDriver: {}, secureSession: true } }
            storage: { rootDirectory: d, maxRepos: 1, redirectBlobURL: true, gcTimeWindow: x, fastRestart: true, dedupe: true }
            """)
        #expect(configuration.allowedOrigins.map(\.description) == ["https://a", "https://b"])
        #expect(configuration.readTimeout == .seconds(5) && configuration.writeTimeout == .seconds(10))
        #expect(
            try complaint("http: { auth: { htpasswd: { path: h }, mtls: {} } }\n").contains(
                "http.auth.mtls needs http.tls with cert, key and cacert"))
        for key in ["awsSecretsManager", "upstreamTokenEndpoint"] {
            let text = "http: { auth: { htpasswd: { path: h }, bearer: { \(key): {} } } }\n"
            #expect(try complaint(text).contains("can't be honoured by this version"), "\(key)")
        }
    }

    @Test(
        "A provider's secret that is replaced under its old name, and another address to come back to, make another provider"
    )
    func providerFingerprint() throws {
        func fingerprint(_ secret: String, _ url: String = "https://a.example") throws -> String? {
            try folder.write("secret", secret)
            return try read(
                """
                http: { externalURL: '\(url)', auth: { openid: { providers: { p: { issuer: 'https://i', clientid: c, clientsecretFile: secret } } } } }
                storage: { rootDirectory: d }
                """
            ).fingerprints["openid"]
        }
        let first = try fingerprint("one")
        #expect(first != nil)
        #expect(try fingerprint("another") != first)
        #expect(try fingerprint("one", "https://b.example") != fingerprint("one"))
    }

    @Test("What can't be right of a provider is refused, with its place")
    func providers() async throws {
        func complaint(_ provider: String, _ more: String = "", name: String = "p") throws -> String {
            try self.complaint(
                """
                http: { port: 8080, auth: { openid: { providers: { \(name): \(provider) } } } \(more) }
                storage: { rootDirectory: d }

                """)
        }
        for (provider, words) in [
            ("{}", "providers.p.clientid is missing"), ("{ clientid: c }", "providers.p.issuer is missing"),
            ("{ clientid: c, issuer: 'ldap://x' }", "issuer must be an address of http or https"),
            ("{ clientid: c, issuer: 'https://x?y' }", "issuer must be an address of http or https"),
            (
                "{ clientid: c, issuer: 'https://x', clientsecretFile: gone }",
                "clientsecretFile names a file that can't be read"
            ),
            ("{ clientid: c, issuer: 'https://x', keypath: gone }", "keypath names a file that can't be read"),
            ("{ clientid: c, issuer: 'https://x', algorithms: [none] }", "algorithms must be of"),
            ("{ clientid: c, issuer: 'https://x', algorithms: [HS256] }", "algorithms must be of"),
            ("{ clientid: c, issuer: 'https://x', type: saml }", "type must be"),
            ("{ clientid: c, type: github, authurl: 'https://x/a' }", "authurl and tokenurl belong together"),
            ("{ clientid: c, issuer: 'https://x', organizations: [a] }", "organizations are GitHub's"),
            ("{ clientid: c, type: github, requiredClaims: { a: b } }", "requiredClaims needs OpenID Connect"),
            ("{ clientid: c, type: github, discoveryURL: 'https://x' }", "discoveryURL needs OpenID Connect"),
            ("{ clientid: c, type: github, authTime: none }", "authTime needs OpenID Connect"),
            ("{ clientid: c, issuer: 'https://x', discoveryURL: 'x' }", "discoveryURL must be an address"),
            ("{ clientid: c, issuer: 'https://u:hunter2x@x' }", "http or https, and have no user before the host"),
            ("{ clientid: c, issuer: 'https://u:hunter2/x@x' }", "http or https, and have no user before the host"),
            ("{ clientid: c, issuer: 'https://x', anybody: maybe }", "anybody must be true or false"),
            ("{ clientid: c, issuer: 'https://x', authTime: maybe }", "authTime must be required or none"),
            ("{ clientid: c, issuer: 'https://x', requiredClaims: { a: [] } }", "requiredClaims.a must be a text"),
            ("{ clientid: c, issuer: 'https://x', requiredClaims: { a: ~ } }", "requiredClaims.a must be a text"),
            ("{ clientid: c, issuer: 'https://x', clientsecrt: s }", "did you mean 'clientsecret'?"),
        ] {
            let told = try complaint(provider)
            #expect(told.contains(words), "\(provider): \(told)")
        }
        for (make, words) in [
            (["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], nil),
            (["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"], nil),
            (["genpkey", "-algorithm", "ed25519"], nil),
            // With the parameters of the curve before the key.
            (["ecparam", "-name", "prime256v1", "-genkey"], nil),
            (["genpkey", "-algorithm", "x25519"], "holds no private key of P-256"),
            (["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"], nil),
            (["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"], "shorter than 2048 bits"),
            (
                ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"],
                "holds no private key of P-256"
            ),
            (
                ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-aes256", "-pass", "pass:x"],
                "has an encrypted key"
            ),
            (nil, "holds no private key in PEM"),
        ] as [([String]?, String?)] {
            let path = folder.path("client.pem")
            if let make {
                let output = try await Program("openssl", package: "openssl").run(make + ["-out", path])
                try #require(output.status == 0, "\(output)")
            } else {
                try folder.write("client.pem", "hello")
            }
            let provider = "{ clientid: c, issuer: 'https://x', keypath: '\(path)' }"
            let told = try complaint(provider)
            guard let words else {
                #expect(told == "none", "\(make ?? []): \(told)")
                continue
            }
            #expect(
                told.contains("providers.p.keypath") && told.contains(words) && told.contains("client.pem"), "\(told)")
        }
        let good = "{ clientid: c, issuer: 'https://x' }"
        #expect(try complaint(good, name: "'a b'").contains("has a name that can't stand in a path"))
        #expect(try complaint(good, ", address: 0.0.0.0").contains("needs externalURL"))
        #expect(
            try complaint(good, ", externalURL: 'https://x/path'").contains("externalURL must be where clients come in")
        )
    }

    @Test("A provider that gives anybody an account lets in nobody without a word of the operator's")
    func openProviders() throws {
        func told(_ provider: String) throws -> String {
            let text = """
                http: { externalURL: 'https://a.example', auth: { openid: { providers: { p: { clientid: c, \(provider) } } } } }
                storage: { rootDirectory: d }

                """
            do {
                _ = try read(text)
                return ""
            } catch let error as ConfigurationError {
                return "\(error)"
            }
        }
        let server = "authurl: 'https://h/login/oauth/authorize', tokenurl: 'https://h/login/oauth/access_token'"
        for open in [
            "type: github", "type: github, " + server.replacing("https://h/", with: "https://github.com/"),
            "type: github, " + server.replacing("https://h/", with: "https://GitHub.com:443/"),
            "issuer: 'https://accounts.google.com'", "issuer: 'https://Accounts.Google.com/'",
            "issuer: 'https://gitlab.com'", "issuer: 'https://appleid.apple.com'",
            "issuer: 'https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0'",
            "issuer: 'https://gitlab.com', requiredClaims: { email_verified: true }",
            "issuer: 'https://gitlab.com', requiredClaims: { iss: 'https://gitlab.com', aud: c }",
            "issuer: 'https://gitlab.com', anybody: false", "type: github, organizations: []",
        ] {
            let words = try told(open)
            #expect(
                words.contains("providers.p.anybody is missing: anybody can have an account at"), "\(open): \(words)")
            #expect(try told(open.replacing(", anybody: false", with: "") + ", anybody: true").isEmpty, "\(open)")
        }
        for closed in [
            "type: github, organizations: [acme]", "type: github, \(server)",
            "type: github, " + server.replacing("https://h/", with: "https://octocorp.ghe.com/"),
            "issuer: 'https://accounts.google.com', requiredClaims: { hd: example.org }",
            "issuer: 'https://gitlab.com', requiredClaims: { groups: [acme] }", "issuer: 'https://gitlab.example.org'",
            "issuer: 'https://login.microsoftonline.com/833ced3d-cb2e-41de-92f1-29e2af035ddc/v2.0'",
        ] {
            let words = try told(closed)
            #expect(words.isEmpty, "\(closed): \(words)")
        }
    }

    @Test("What claims must say keeps its type: a truth value, a number, and a text however much it looks like one")
    func requiredClaims() throws {
        func read(_ text: String) throws -> [String: [ClaimValue]]? {
            try self.read(text).openID?.providers.first?.requiredClaims
        }
        let expected: [String: [ClaimValue]] = [
            "a": [true], "b": ["true"], "c": [3], "d": ["3"], "e": ["007", "1_000", "0x1f", "yes", "2026-11-29"],
            "f": [.number(-1.5), false, "x"], "claims['x.y'].z": ["https://z"],
        ]
        #expect(
            try read(
                """
                http: { externalURL: 'https://a.example', auth: { openid: { providers: { p: { clientid: c, issuer: 'https://i', requiredClaims: {
                  a: true, b: "true", c: 3, d: '3', e: [007, 1_000, 0x1f, yes, 2026-11-29], f: [-1.5, false, x], "claims['x.y'].z": "https://z" } } } } } }
                storage: { rootDirectory: d }

                """) == expected)
        #expect(
            try read(
                """
                {"http": {"externalURL": "https://a.example", "auth": {"openid": {"providers": {"p": {"clientid": "c", "issuer": "https://i",
                "requiredClaims": {"a": true, "b": "true", "c": 3}}}}}}, "storage": {"rootDirectory": "d"}}
                """) == ["a": [true], "b": ["true"], "c": [3]])
    }

    @Test("A way to a provider without TLS is told, but to this machine; endpoints may have a query, an issuer none")
    func plainProviders() throws {
        func notices(_ provider: String) throws -> [String] {
            try read(
                """
                http: { externalURL: 'https://a.example', auth: { openid: { providers: { p: { clientid: c, \(provider) } } } } }
                storage: { rootDirectory: d }

                """
            ).notices
        }
        for own in ["localhost", "127.0.0.1:5556", "127.9.9.9", "[::1]:80", "idp.localhost"] {
            #expect(try notices("issuer: 'http://\(own)/dex'").isEmpty, "\(own)")
        }
        for other in ["dex:5556", "127.0.0.1.evil.example", "10.0.0.1", "localhost.example.org"] {
            let told = try notices("issuer: 'http://\(other)'")
            #expect(
                told.count == 1 && told[0].contains("providers.p.issuer is http://\(other), without TLS"), "\(told)")
        }
        let endpoints = "authurl: 'https://x/a?p=b2c_1_in', tokenurl: 'https://x/t?p=b2c_1_in'"
        #expect(try notices("issuer: 'https://x', \(endpoints), discoveryURL: 'https://x/m?p=b2c_1_in'").isEmpty)
        #expect(try notices("issuer: 'https://x', tokenurl: 'http://x/t'").count == 1, "the secret goes there")
    }

    @Test("What the recorded logins say of a provider is a configuration that loads")
    func recordedSettings() throws {
        let root = Slapd.repository.appending(path: "fixtures/providers")
        let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)?.allObjects ?? []
        var count = 0
        for file in files.compactMap({ $0 as? URL }) where file.pathExtension == "json" {
            let record = try #require(
                try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
            var settings = try #require(record["settings"] as? [String: Any])
            var auth: [String: Any] = [:]
            if record["workload"] != nil {
                settings["audiences"] = ["latchkey"]
                auth["bearer"] = ["oidc": [settings]]
            } else {
                settings["clientid"] = "latchkey"
                auth["openid"] = ["providers": ["p": settings]]
            }
            let whole: [String: Any] = [
                "http": ["externalURL": "https://a.example", "auth": auth], "storage": ["rootDirectory": "d"],
            ]
            let text = String(decoding: try JSONSerialization.data(withJSONObject: whole), as: UTF8.self)
            #expect(throws: Never.self, "\(file.path)") { try read(text) }
            count += 1
        }
        #expect(count >= 70)
    }

    /// Every key, in whatever group, with what leads to it.
    private func all(_ value: SchemaValue, _ path: String) -> [(path: String, key: SchemaKey)] {
        switch value {
        case .group(let keys): keys.flatMap { [("\(path)\($0.name)", $0)] + all($0.value, "\(path)\($0.name).") }
        case .named(let value), .list(let value): all(value, path)
        case .either(let first, let second): all(first, path) + all(second, path)
        default: []
        }
    }

    @Test(
        "Each key that names a file says what is done with it: what is only read may lie in the working folder, with a notice"
    )
    func relativePaths() throws {
        // The tests are started in the repository's folder, which has it.
        let name = "Package.swift"
        let here = FileManager.default.currentDirectoryPath + "/" + name
        var found: [PathUse: Set<String>] = [:]
        for (path, key) in all(.group(ConfigurationSchema.root), "") {
            guard let use = key.path else {
                let isSkipped = if case .skipped = key.value { true } else { false }
                // These name no file, whatever they are called.
                let others: Set = ["apikey", "activeDirectory"]
                let looksLikeOne = key.name.firstMatch(of: #/(?i)(file|path|directory|cert|key|crl|socket)$/#) != nil
                #expect(!looksLikeOne || isSkipped || others.contains(key.name), "\(path)")
                continue
            }
            found[use, default: []].insert(path)
            let paths = RelativePaths(configuration: folder.path("c.yaml"), environment: [:])
            let section = try ConfigurationSection(
                file: "c.yaml", path: "", node: Node([(Node(key.name), Node(name))]), .group([key]))
            let resolved = try section.paths(key.name, paths)
            #expect(resolved == [use == .read ? here : folder.path(name)], "\(path)")
            #expect(paths.notices.count == (use == .read ? 1 : 0), "\(path)")
            #expect(paths.misplaced.count == (use == .state ? 1 : 0), "\(path)")
        }
        #expect(
            found[.state] == [
                "http.auth.tokens.key", "http.auth.tokens.certificate", "storage.rootDirectory", "log.audit",
                "log.audit.file",
                "log.audit.sign",
            ])
        #expect(
            found[.output] == ["http.address", "http.listen", "http.fastcgi", "http.operations.address", "log.output"])
        #expect(found[.read]?.count == 20)
    }

    @Test(
        "A relative path is taken from the file's folder; an absolute one, and a secret of systemd's, from nowhere else"
    )
    func onePlace() throws {
        let paths = RelativePaths(
            configuration: folder.path("c.yaml"), environment: ["CREDENTIALS_DIRECTORY": "/run/c"])
        try folder.write("beside", "x")
        for use in PathUse.allCases {
            #expect(paths.resolve("beside", use) == folder.path("beside") && paths.resolve("/abs", use) == "/abs")
            #expect(paths.resolve("credential:ldap", use) == "/run/c/ldap")
            #expect(paths.resolve("new", use) == folder.path("new") && paths.notices.isEmpty)
        }
    }

    @Test("The limits of hashes and the operators' listener reach their options, and sizes their bytes")
    func limits() throws {
        let configuration = try read(
            """
            http: { operations: { port: 9090 }, maximumHeaderBytes: 2048, auth: { htpasswd: { path: h, maximumHashTime: 500ms,
                maximumHashTimes: { yescrypt: 3s }, maximumHashMemory: 64MiB, maximumBcryptCost: 12 } } }
            """)
        let limits = try #require(configuration.htpasswd?.limits)
        #expect(limits.maximumTime == .milliseconds(500) && limits.maximumTimes == [.yescrypt: .seconds(3)])
        #expect(limits.maximumMemory == 64 << 20 && limits.maximumBcryptCost == 12)
        #expect(configuration.operations == .tcp(address: "127.0.0.1", port: 9090))
        #expect(configuration.maximumHeaderBytes == 2048)
        for (text, bytes) in [("1", 1), ("2k", 2048), ("3 MiB", 3 << 20), ("1GIB", 1 << 30)] as [(String, UInt64)] {
            #expect(SizeText.parse(text) == bytes, "\(text)")
        }
        for text in ["", "k", "-1", "1.5m", "1t", "99999999999999999g", "x"] {
            #expect(SizeText.parse(text) == nil, "\(text)")
        }
    }

    @Test("A filter that is none is refused when the file is read", arguments: ["userFilter", "filter", "groups"])
    func filters(key: String) throws {
        let keys = [
            "userFilter": "userFilter: '(uid=x'", "filter": "filter: '(|(uid={user})(mail={user})'",
            "groups": "groups: { baseDN: dc=x, filter: 'cn=(x' }",
        ]
        let text = "http: { auth: { ldap: { address: h, baseDN: dc=x, \(keys[key] ?? "") } } }\n"
        #expect(try complaint(text).contains("is no search filter (RFC 4515)"))
    }

    @Test("Port 3269 is TLS from the start, as 636 is")
    func globalCatalogue() throws {
        let configuration = try read(
            "http: { auth: { ldap: { address: h, baseDN: dc=x, port: 3269, startTLS: true } } }")
        #expect(configuration.directory?.options.urls == ["ldaps://h:3269"])
        #expect(configuration.directory?.options.startTLS == false)
    }

    @Test(
        "How a directory is reached",
        arguments: [
            ("address: h", "ldaps://h:636", false), ("address: h, port: 389", "ldaps://h:389", false),
            ("address: h, startTLS: true", "ldap://h:389", true), ("address: h, insecure: true", "ldap://h:389", false),
            ("address: h, startTLS: true, port: 636", "ldaps://h:636", false),
            ("address: '2001:db8::1', insecure: true", "ldap://[2001:db8::1]:389", false),
            ("urls: ['ldap://a', 'ldaps://b'], startTLS: true", "ldap://a ldaps://b", true),
        ])
    func reach(keys: String, url: String, startTLS: Bool) throws {
        let options = try #require(try read("http: { auth: { ldap: { baseDN: dc=x, \(keys) } } }").directory?.options)
        #expect(options.urls.joined(separator: " ") == url && options.startTLS == startTLS)
    }

    @Test(
        "The service account's password can come from a file, the environment or the file itself, and is never printed")
    func passwords() throws {
        try folder.write("password", "from-file\n")
        for (key, password) in [
            ("bindPasswordFile: password", "from-file"), ("bindPasswordEnv: LDAP_PASSWORD", "from-environment"),
            ("bindPassword: inline", "inline"),
        ] {
            let configuration = try read("http: { auth: { ldap: { address: h, baseDN: dc=x, bindDN: cn=s, \(key) } } }")
            let account = try #require(configuration.directory?.options.serviceAccount)
            #expect(account.password.isEqualInConstantTime(to: password.utf8))
            #expect(!"\(configuration)".contains(password))
        }
    }

    @Test("Each key of the directory reaches its option")
    func directoryOptions() throws {
        let options = try #require(
            try read(
                """
                http: { auth: { ldap: { domain: corp.example, startTLS: true, serverOrder: RoundRobin,
                  baseDN: ['ou=a,dc=x', 'ou=b,dc=x'], activeDirectory: true, netbiosDomains: [CORP], referrals: true,
                  minimumTLSVersion: '1.3', idleTimeout: 20s, lockoutGuard: 4, lockoutWindow: 10m,
                  groups: { baseDN: 'ou=g,dc=x', members: [member, memberUID], filter: (cn=*), nested: inChain,
                    required: [staff], names: { 'cn=Staff,dc=x': staff } } } } }
                """
            ).directory?.options)
        #expect(options.domain == "corp.example" && options.startTLS && options.urls.isEmpty)
        #expect(options.discoveredScheme == "ldap" && options.serverOrder == .roundRobin)
        #expect(options.bases == ["ou=a,dc=x", "ou=b,dc=x"] && options.userAttribute == "sAMAccountName")
        #expect(options.activeDirectory?.domains == ["CORP"] && options.groups.attribute == "memberOf")
        #expect(options.followsReferrals && options.minimumTLSVersion == .v1_3 && options.maximumIdle == .seconds(20))
        #expect(options.lockoutGuard == 4 && options.lockoutWindow == .seconds(600))
        #expect(options.groups.search?.members == [.member, .memberUid] && options.groups.search?.filter == "(cn=*)")
        #expect(options.groups.nesting == .inChain && options.groups.required == ["staff"])
        #expect(options.groups.names == ["cn=Staff,dc=x": "staff"])
        let template = try #require(
            try read("http: { auth: { ldap: { address: h, bindDNTemplate: 'uid={user},dc=x' } } }").directory?.options)
        #expect(template.bindDNTemplate == "uid={user},dc=x" && template.bases.isEmpty)
        let walk = try #require(
            try read(
                "http: { auth: { ldap: { address: h, baseDN: dc=x, groups: { baseDN: dc=x, nested: true, levels: 3 } } } }"
            ).directory?.options)
        #expect(walk.groups.nesting == .walk(levels: 3))
    }

    @Test(
        "What is wrong is named with its place and what to do",
        arguments: [
            (
                "http:\n  auth:\n    htpaswd: { path: x }\n",
                "c.yaml:3:5: http.auth.htpaswd is a key that neither Latchkey nor zot knows; did you mean 'htpasswd'?"
            ),
            (
                "http:\n  prot: 1\n",
                "c.yaml:2:3: http.prot is a key that neither Latchkey nor zot knows; did you mean 'port'?"
            ),
            ("zzz: 1\n", "c.yaml:1:1: zzz is a key that neither Latchkey nor zot knows"),
            ("http:\n  port: 99999\n", "c.yaml:2:9: http.port must be a number from 0 to 65535, not '99999'"),
            ("http:\n  port: [1]\n", "c.yaml:2:9: http.port must be a text"),
            ("http: 5\n", "c.yaml:1:7: http must be a group of keys"),
            (
                "http: { port: 1, PORT: 2 }\n",
                "c.yaml:1:18: http.PORT stands twice (upper and lower case do not differ)"
            ),
            ("http: { tls: { cert: x } }\n", "c.yaml: http.tls.key is missing: a certificate needs its private key"),
            (
                "http: { auth: { failDelay: -1 } }\n",
                "c.yaml:1:28: http.auth.failDelay must be a duration: seconds, or a number with ms, s, m, h or d, not '-1'"
            ),
            (
                "http: { auth: { apikey: true } }\n",
                "c.yaml: storage needs rootDirectory, the folder for API keys, as http.auth.apikey is on"
            ),
            (
                "http: { auth: { ldap: { address: h } } }\n",
                "c.yaml: http.auth.ldap.baseDN is missing: the entry below which people are searched"
            ),
            (
                "http: { auth: { ldap: { address: h, baseDN: dc=x, filter: uid=x } } }\n",
                "c.yaml:1:59: http.auth.ldap.filter must have {user} where the user name belongs"
            ),
            (
                "http: { auth: { ldap: { address: h, baseDN: dc=x, serverOrder: best } } }\n",
                "c.yaml:1:64: http.auth.ldap.serverOrder must be ordered or roundRobin, not 'best'"
            ),
            (
                "http: { auth: { ldap: { address: h, baseDN: dc=x, minimumTLSVersion: 1.1 } } }\n",
                "c.yaml:1:70: http.auth.ldap.minimumTLSVersion must be 1.2 or 1.3, not '1.1'"
            ),
            (
                "http: { auth: { ldap: { address: h, baseDN: dc=x, clientCert: x } } }\n",
                "c.yaml:1:63: http.auth.ldap.clientCert needs a clientKey"
            ),
            (
                "http: { auth: { ldap: { address: h, baseDN: dc=x, groups: { nested: true } } } }\n",
                "c.yaml:1:69: http.auth.ldap.groups.nested needs a baseDN: the entry below which groups are searched"
            ),
            (
                "http: { auth: { ldap: { address: h, baseDN: dc=x, groups: { baseDN: dc=x, members: [memer] } } } }\n",
                "c.yaml:1:84: http.auth.ldap.groups.members must be some of member, uniqueMember, memberUid, gidNumber, "
                    + "not 'memer'"
            ),
            (
                "http: { trustedProxies: [x] }\n",
                "c.yaml:1:25: http.trustedProxies must be addresses or networks such as 10.0.0.0/8, not 'x'"
            ),
            (
                "log: { level: loud }\n",
                "c.yaml:1:15: log.level must be trace, debug, info, notice, warning, error or critical, not 'loud'"
            ),
            ("", "c.yaml: is empty"),
        ])
    func complaints(text: String, message: String) throws {
        #expect(try complaint(text) == message)
    }

    @Test("Text that is neither YAML nor JSON, and files that can't be read, are named")
    func unreadable() throws {
        for text in ["{", "a: [", "\u{1}", "a: b: c", "- x\n- y", "{\"a\": 1,}}"] {
            #expect(try complaint(text).hasPrefix("c.yaml"), "\(text)")
        }
        let error = #expect(throws: ConfigurationError.self) { try ConfigurationFile(path: "/nowhere/c.yaml").read() }
        #expect(
            error?.description
                == "/nowhere/c.yaml: can't be read (No such file or directory): check the path and its permissions")
    }

    @Test("What is wrong with the form of a configuration is told by its place, with nothing of what stands there")
    func secretsInBrokenText() throws {
        for text in [
            "a:\n  clientsecret: hunter2x\n  clientsecret: hunter3x\n", "a: { clientsecret: hunter2x\nb: c\n",
            "clientsecret: hunter2x: hunter3x\n", "{\"clientsecret\": \"hunter2x\", \"clientsecret\": \"hunter3x\"}",
            "clientsecret: \"hunter2x\nb: hunter3x", "clientsecret: hunter2x\n\tb: *hunter3x\n",
            "clientsecret: *hunter2x\n",
            "clientsecret: hunter2x\u{1}\n",
        ] {
            let told = try complaint(text)
            #expect(told.contains("is neither YAML nor JSON") && !told.contains("hunter"), "\(text): \(told)")
            let variable = ConfigurationEnvironment(["LATCHKEY_HTTP__AUTH": "{ " + text])
            let error = #expect(throws: ConfigurationError.self) { try variable.over(Node("")) }
            #expect(!"\(error.debugDescription)".contains("hunter"))
        }
        let path = folder.root.path
        let error = #expect(throws: ConfigurationError.self) { try ConfigurationFile(path: path).read() }
        #expect(error?.message.contains("it is a folder") ?? false, "\(error.debugDescription)")
    }

    @Test("The annotated configuration and the demonstration's load without an unknown key")
    func shipped() throws {
        for file in ["config/latchkey.yaml", "config/demo.yaml"] {
            _ = try ConfigurationFile(
                path: Slapd.repository.appending(path: file).path, environment: ["LDAP_PASSWORD": "x"]
            ).read()
        }
    }

    @Test("No random text makes the reader crash")
    func random() throws {
        let pieces = [
            "http", "auth", "ldap", ":", " ", "\n", "  ", "{", "}", "[", "]", "\"", "x", "- ", "&a", "*a", "!t", "é",
            "\t", "#", "1",
        ]
        for _ in 0..<400 {
            _ = try complaint((0..<Int.random(in: 0...25)).map { _ in pieces.randomElement() ?? "" }.joined())
        }
    }
}

@Suite("Durations")
struct DurationTextTests {
    @Test(
        "Seconds, or a number with a unit",
        arguments: [
            ("5", 5000), ("0", 0), ("0.5", 500), ("500ms", 500), ("2s", 2000), ("5m", 300_000), ("1h", 3_600_000),
            ("1d", 86_400_000),
        ])
    func parse(text: String, milliseconds: Int) {
        #expect(DurationText.parse(text) == .milliseconds(milliseconds))
    }

    @Test("Anything else is none", arguments: ["", "s", "-1", "1w", "nan", "inf", "1e300", "five", "1 s x"])
    func reject(text: String) {
        #expect(DurationText.parse(text) == nil)
    }
}
