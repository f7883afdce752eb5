import Foundation
import TestSupport
import Testing

@Suite("The server, as its clients see it", .serialized)
struct ServerTests {
    private let htpasswd = "htpasswd: { path: htpasswd }"

    /// A folder with an htpasswd file: amy's password is "apple", made by Apache's htpasswd in bcrypt.
    private func folder() async throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let program = try Program("htpasswd", package: "apache2-utils")
        let output = try await program.run(["-cbB", "-C", "4", folder.path("htpasswd"), "amy", "apple"])
        try #require(output.status == 0)
        return folder
    }

    private func ldap(_ slapd: Slapd) -> String {
        """
        ldap: { urls: ['\(slapd.url)'], baseDN: 'ou=Users,dc=example,dc=org', subtreeSearch: true, \
        bindDN: 'cn=latchkey,dc=example,dc=org', bindPassword: service-password, userGroupAttribute: memberOf }
        """
    }

    @Test("The commands of zot's document work as they stand there")
    func zotDocument() async throws {
        let server = try await Latchkey(auth: "\(htpasswd), apikey: true", folder: try await folder())
        let created = try await server.curl(
            "/v2/_zot/ext/apikey", "-u", "amy:apple", "-X", "POST", "-d",
            #"{"label": "myLabel", "scopes": ["repo1", "repo2"]}"#)
        #expect(created.status == "201")
        let object = try JSONSerialization.jsonObject(with: Data(created.body.utf8)) as? [String: Any]
        let key = try #require(object?["apiKey"] as? String)
        let id = try #require(object?["uuid"] as? String)
        #expect((object?["creatorUa"] as? String)?.hasPrefix("curl/") == true)
        #expect(try await server.curl("/v2/", "-u", "amy:\(key)").status == "200")
        let revoked = try await server.curl("/v2/_zot/ext/apikey?id=\(id)", "-u", "amy:apple", "-X", "DELETE")
        #expect(revoked.status == "200")
        #expect(try await server.curl("/v2/", "-u", "amy:\(key)").status == "401")
    }

    @Test("A directory user logs in, makes a key, and the key has their groups")
    func directoryUser() async throws {
        let slapd = try await Slapd()
        let server = try await Latchkey(auth: "\(ldap(slapd)), apikey: true", folder: try await folder())
        let (key, _) = try await server.createKey("alice:alice-password")
        let answer = try await server.curl("/auth/verify", "-u", "alice:\(key)", "-D", "-")
        #expect(answer.status == "200")
        #expect(
            answer.body.contains("Remote-User: alice")
                && answer.body.contains("Remote-Groups: admins,developers%2C backend"))
    }

    @Test(
        "Who is removed from the directory loses their keys within the check's interval, and an outage takes them later"
    )
    func ownerGone() async throws {
        let slapd = try await Slapd()
        let server = try await Latchkey(
            auth: "\(ldap(slapd)), apikey: true, ownerCheck: { interval: 2s, grace: 8s }", folder: try await folder())
        let (alice, _) = try await server.createKey("alice:alice-password")
        let (hatter, _) = try await server.createKey("hatter:hatter-password")
        #expect(try await server.curl("/v2/", "-u", "alice:\(alice)").status == "200")
        #expect(try await server.curl("/v2/", "-u", "hatter:\(hatter)").status == "200")
        let delete = try Program("ldapdelete", package: "ldap-utils")
        let output = try await delete.run(
            [
                "-x", "-H", slapd.url, "-D", "cn=root,dc=example,dc=org", "-w", "root-password",
                "uid=alice,ou=Users,dc=example,dc=org",
            ])
        try #require(output.status == 0)
        // By itself it would be good for the five minutes that are usual, and for the hour of the usual grace.
        try await eventually("the key is refused") {
            try await server.curl("/v2/", "-u", "alice:\(alice)").status == "401"
        }
        // Before it is stopped: its last word may be as old as the interval.
        let stopped = ContinuousClock.now
        await slapd.stop()
        #expect(try await server.curl("/v2/", "-u", "hatter:\(hatter)").status == "200", "the grace has begun")
        try await eventually("the grace is over") {
            try await server.curl("/v2/", "-u", "hatter:\(hatter)").status == "503"
        }
        #expect(ContinuousClock.now - stopped > .seconds(5))
        try await slapd.start()
        try await eventually("the owner is known again") {
            try await server.curl("/v2/", "-u", "hatter:\(hatter)").status == "200"
        }
    }

    @Test("While the directory is down its users get 503 and others are not delayed; then it recovers by itself")
    func outage() async throws {
        let slapd = try await Slapd()
        let server = try await Latchkey(auth: "\(htpasswd), \(ldap(slapd)), apikey: true", folder: try await folder())
        let (key, _) = try await server.createKey("amy:apple")
        await slapd.stop()
        #expect(try await server.curl("/v2/", "-u", "alice:alice-password").status == "503")
        #expect(try await server.curl("/v2/", "-u", "amy:apple").status == "200")
        #expect(try await server.curl("/v2/", "-u", "amy:\(key)").status == "200")
        #expect(
            try await server.curl("/readyz").body.contains(
                #""name":"ldap","reason":"unreachable","state":"unavailable""#))
        try await slapd.start()
        #expect(try await server.curl("/v2/", "-u", "alice:alice-password").status == "200")
    }

    @Test("What clients see of a directory's faults: 503 with Retry-After, never 401, and 200 while one server lives")
    func directoryFaults() async throws {
        func status(_ keys: String, _ user: String = "alice:alice-password") async throws -> String {
            let server = try await Latchkey(
                auth: """
                    ldap: { \(keys), subtreeSearch: true, bindDN: 'cn=latchkey,dc=example,dc=org', \
                    connectTimeout: 1, operationTimeout: 1 }
                    """, folder: try await folder())
            let answer = try await server.curl("/v2/", "-u", user, "-D", "-")
            #expect(answer.status != "503" || answer.body.contains("Retry-After"))
            return answer.status
        }
        let base = "baseDN: 'ou=Users,dc=example,dc=org'"
        let (right, changed) = ("bindPassword: service-password", "bindPassword: changed")
        let (living, frozen) = (try await Slapd(), try await Slapd())
        try await frozen.freeze()
        let expired = try await Certificates(days: -1)
        let secure = try await Slapd(scheme: "ldaps", certificates: expired)
        let limited = try await Slapd(configuration: "sizelimit 1")
        #expect(try await status("urls: ['\(living.url)'], \(base), \(right)") == "200")
        #expect(try await status("urls: ['\(living.url)'], \(base), \(changed)") == "503")
        #expect(try await status("urls: ['\(living.url)'], baseDN: dc=nowhere, \(right)") == "503")
        #expect(try await status("urls: ['\(living.url)'], \(base), \(right), startTLS: true") == "503")
        #expect(try await status("urls: ['\(living.url)'], \(base), \(right)", "tweedle:dee-password") == "401")
        #expect(try await status("urls: ['\(limited.url)'], \(base), \(right)", "tweedle:dee-password") == "503")
        #expect(try await status("urls: ['\(frozen.url)'], \(base), \(right)") == "503")
        #expect(
            try await status("urls: ['\(secure.url)'], \(base), \(right), caCert: '\(expired.authority)'") == "503")
        let dark = try await Ports.withBlackHole { port in
            (
                try await status("urls: ['ldap://127.0.0.1:\(port)'], \(base), \(right)"),
                try await status("urls: ['ldap://127.0.0.1:\(port)', '\(living.url)'], \(base), \(right)")
            )
        }
        #expect(dark == ("503", "200"))
    }

    @Test("A revoked key is never sent to the directory")
    func revokedKey() async throws {
        let slapd = try await Slapd()
        let server = try await Latchkey(auth: "\(ldap(slapd)), apikey: true", folder: try await folder())
        let (key, id) = try await server.createKey("alice:alice-password")
        _ = try await server.curl("/zot/auth/apikey?id=\(id)", "-u", "alice:alice-password", "-X", "DELETE")
        await slapd.stop()
        #expect(
            try await server.curl("/v2/", "-u", "alice:\(key)").status == "401",
            "503 would show that the directory was asked")
    }

    @Test("skopeo logs in with a password and with an API key, and not with a wrong one")
    func skopeo() async throws {
        let server = try await Latchkey(auth: "\(htpasswd), apikey: true", folder: try await folder())
        let (key, _) = try await server.createKey("amy:apple")
        let skopeo = try Program("skopeo", package: "skopeo")
        for (secret, isRight) in [("apple", true), (key, true), ("pear", false)] {
            let output = try await skopeo.run(
                [
                    "login", "--tls-verify=false", "--authfile", server.folder.path("auth.json"), "-u", "amy",
                    "--password-stdin", "127.0.0.1:\(server.port)",
                ],
                input: Data(secret.utf8))
            #expect((output.status == 0) == isRight, "\(output.standardOutput) \(output.standardError)")
        }
    }

    @Test("Bad input over the wire is refused as it should be, and the server lives on")
    func badInput() async throws {
        let server = try await Latchkey(auth: "\(htpasswd), apikey: true", folder: try await folder())
        let long = try server.folder.write(
            "header", "Authorization: Basic " + String(repeating: "A", count: 1_000_000) + "\n")
        #expect(["400", "401", "431"].contains(try await server.curl("/v2/", "-H", "@\(long)").status))
        let twice = try await server.curl(
            "/v2/", "-H", "Authorization: Basic YW15OmFwcGxl", "-H", "Authorization: Basic YW15OmFwcGxl")
        #expect(twice.status == "401")
        for user in [
            "amy:", ":apple", "amy", "*)(uid=*:x", "a\\b:c:d", "🗝:x", String(repeating: "u", count: 10_000) + ":x",
        ] {
            let header = "Authorization: Basic " + Data(user.utf8).base64EncodedString()
            #expect(try await server.curl("/v2/", "-H", header).status == "401", "\(user.prefix(20))")
        }
        let big = try server.folder.write("body", #"{"label":""# + String(repeating: "x", count: 9 * 1024) + #""}"#)
        #expect(try await server.curl("/zot/auth/apikey", "-u", "amy:apple", "-d", "@\(big)").status == "413")
        let deep = try server.folder.write("deep", String(repeating: "[", count: 8000))
        #expect(try await server.curl("/zot/auth/apikey", "-u", "amy:apple", "-d", "@\(deep)").status == "400")
        #expect(try await server.curl("/zot/auth/apikey", "-u", "amy:apple", "-d", "label=x").status == "400")
        #expect(try await server.curl("/v2/", "-u", "amy:apple").status == "200")
        #expect(try !server.log.contains("Fatal"))
    }

    @Test("kill -9 loses no key that a client was told of, and brings back none that was revoked")
    func killed() async throws {
        let folder = try await folder()
        let first = try await Latchkey(auth: "\(htpasswd), apikey: true", folder: folder)
        let (kept, _) = try await first.createKey("amy:apple")
        let (revoked, id) = try await first.createKey("amy:apple")
        // Used just before: what memory knows of it must not outlive the revocation.
        #expect(try await first.curl("/v2/", "-u", "amy:\(revoked)").status == "200")
        #expect(try await first.curl("/zot/auth/apikey?id=\(id)", "-u", "amy:apple", "-X", "DELETE").status == "200")
        await first.stop(SIGKILL)
        let second = try await Latchkey(auth: "\(htpasswd), apikey: true", folder: folder)
        #expect(try await second.curl("/v2/", "-u", "amy:\(kept)").status == "200")
        #expect(try await second.curl("/v2/", "-u", "amy:\(revoked)").status == "401")
    }

    @Test("SIGTERM finishes what runs, writes when keys were used, and exits 0")
    func shutdown() async throws {
        let folder = try await folder()
        let server = try await Latchkey(auth: "\(htpasswd), apikey: true", folder: folder)
        let (key, _) = try await server.createKey("amy:apple")
        _ = try await server.curl("/v2/", "-u", "amy:\(key)")
        let before = try await server.curl("/zot/auth/apikey", "-u", "amy:apple").body
        #expect(await server.stop() == 0)
        #expect(try server.log.hasSuffix("info stopped\n"))
        let again = try await Latchkey(auth: "\(htpasswd), apikey: true", folder: folder)
        let lastUsed = #/"lastUsed":"([^"]*)"/#
        let after = try await again.curl("/zot/auth/apikey", "-u", "amy:apple").body
        #expect(try lastUsed.firstMatch(in: after)?.output.1 == lastUsed.firstMatch(in: before)?.output.1)
        #expect(after.contains("lastUsed"))
    }

    @Test("A request that is being answered when SIGTERM comes gets its answer")
    func graceful() async throws {
        let server = try await Latchkey(auth: htpasswd, failDelay: "2", folder: try await folder())
        let trace = server.folder
        async let refused = server.curl("/v2/", "-u", "amy:pear", "--trace-ascii", trace.path("trace"))
        try await eventually("curl has sent the request") {
            (try? trace.text("trace"))?.contains("=> Send header") == true
        }
        // Connections take turns on the event loops: once each has answered these, each has read what came before.
        for _ in 0..<8 { #expect(try await server.curl("/healthz").status == "200") }
        async let status = server.stop()
        #expect(try await refused.status == "401")
        #expect(await status == 0)
    }

    @Test(
        "Who has just connected when SIGTERM comes is answered, in clear, over TLS, by HTTP/2 and FastCGI; who then says nothing is let go",
        arguments: ["clear", "tls", "h2", "fastcgi"])
    func newcomers(form: String) async throws { try await alone { try await newcomersTold(form) } }

    private func newcomersTold(_ form: String) async throws {
        let (folder, certificates) = (try TemporaryFolder(), try await Certificates())
        let files = "tls: { cert: \"\(certificates.certificate)\", key: \"\(certificates.key)\" }"
        let socket = folder.path("fcgi")
        let server = try await Latchkey(
            auth: htpasswd, http: form == "tls" ? files : form == "fastcgi" ? "fastcgi: \"unix:\(socket)\"" : "",
            folder: try await self.folder())
        let silent = try HeldConnections(server.port, 2)
        let script = Slapd.repository.appending(path: "fixtures/newcomers.py").path
        async let asked = Program("python3", package: "python3").run(
            [
                script, form == "fastcgi" ? socket : "\(server.port)", "10", folder.root.path, form,
                certificates.authority,
            ])
        try await eventually("all have connected") { FileManager.default.fileExists(atPath: folder.path("connected")) }
        // Once each event loop has answered, each has taken who came before.
        for _ in 0..<8 {
            #expect(try await server.curl("/healthz", "--cacert", certificates.authority).status == "200")
        }
        async let status = server.stop()
        try await eventually("it stops") { !Ports.isOpen(server.port) }
        try folder.write("go", "")
        let answers = try await asked.standardOutput.split(separator: "\n")
        #expect(answers.count == 10 && answers.allSatisfy { $0 == "200, and it ends" }, "\(answers)")
        #expect(await status == 0)
        #expect(silent.closed == 2)
    }

    @Test("The audit file has one JSON object a decision, and neither file has a secret")
    func audit() async throws {
        let server = try await Latchkey(auth: "\(htpasswd), apikey: true", folder: try await folder())
        let (key, id) = try await server.createKey("amy:apple")
        _ = try await server.curl("/v2/", "-u", "amy:\(key)")
        _ = try await server.curl("/v2/", "-u", "amy:hunter2hunter2")
        _ = try await server.curl("/v2/", "-H", "Authorization: Basic not-base64-secret")
        _ = try await server.curl("/zot/auth/apikey?id=\(id)", "-u", "amy:\(key)", "-X", "DELETE")
        await server.stop()
        let lines = try server.folder.text("audit.log").split(separator: "\n")
        let events = try lines.map { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:] }
        func words(_ name: String) -> [String?] { events.map { $0[name] as? String } }
        #expect(
            words("event") == [
                "started", "login", "key-created", "login", "refusal", "refusal", "login", "key-revoked", "stopped",
            ])
        #expect(
            words("user")[4] == "amy" && words("reason")[4] == "wrong-password" && words("client")[4] == "127.0.0.1")
        #expect(words("method")[3] == "apikey" && words("key")[3] == id)
        for file in ["audit.log", "log"] {
            let text = try server.folder.text(file)
            for secret in ["apple", "hunter2", String(key.dropFirst(4)), "not-base64-secret"] {
                #expect(!text.contains(secret), "\(file)")
            }
        }
    }

    @Test("A password that is changed or removed in the file stops working at the reload, not at the memory's end")
    func changedPassword() async throws {
        let folder = try await folder()
        let server = try await Latchkey(auth: htpasswd, folder: folder)
        for _ in 0..<3 { #expect(try await server.curl("/v2/", "-u", "amy:apple").status == "200") }
        #expect(try await server.curl("/metrics").body.contains("latchkey_verified_cache_hits_total 2"))
        let program = try Program("htpasswd", package: "apache2-utils")
        _ = try await program.run(["-bB", "-C", "4", folder.path("htpasswd"), "amy", "pear"])
        try await eventually("the old password is refused") {
            try await server.curl("/v2/", "-u", "amy:apple").status == "401"
        }
        #expect(try await server.curl("/v2/", "-u", "amy:pear").status == "200")
    }

    @Test("A guesser gets 429 with Retry-After, and the user goes on from elsewhere")
    func throttled() async throws {
        let server = try await Latchkey(
            auth: "\(htpasswd), throttle: { firstDelay: 60 }", http: "trustedProxies: [127.0.0.1]",
            folder: try await folder())
        func ask(_ secret: String, from client: String) async throws -> (status: String, body: String) {
            try await server.curl("/v2/", "-u", "amy:\(secret)", "-H", "X-Forwarded-For: \(client)", "-D", "-")
        }
        for i in 0..<4 { #expect(try await ask("guess\(i)", from: "203.0.113.5").status == "401") }
        let answer = try await ask("apple", from: "203.0.113.5")
        #expect(
            answer.status == "429" && answer.body.contains("Retry-After: ") && answer.body.contains("TOOMANYREQUESTS"))
        #expect(try await ask("apple", from: "198.51.100.1").status == "200")
        #expect(try server.log.contains("info throttled user=amy client=203.0.113.5"))
    }

    @Test("Pipelined requests are answered in their order, a known key behind a refusal that waits")
    func pipelined() async throws {
        let server = try await Latchkey(auth: "\(htpasswd), apikey: true", failDelay: "0.3", folder: try await folder())
        let (key, _) = try await server.createKey("amy:apple")
        #expect(try await server.curl("/v2/", "-u", "amy:\(key)").status == "200")
        func request(_ secret: String, _ end: String) -> String {
            let token = Data("amy:\(secret)".utf8).base64EncodedString()
            return "GET /v2/ HTTP/1.1\\r\\nHost: x\\r\\nAuthorization: Basic \(token)\\r\\n\(end)\\r\\n"
        }
        let requests =
            request(key, "") + request("pear", "") + request(key, "") + request("plum", "")
            + request(key, "Connection: close\\r\\n")
        let output = try await server.exchange(requests)
        #expect(statuses(output) == ["200", "401", "200", "401", "200"], "\(output)")
    }

    private func statuses(_ output: String) -> [String] {
        output.matches(of: #/HTTP/1.1 (\d+)/#).map { String($0.output.1) }
    }

    @Test("Old and odd clients get their answer, and the connection ends when they mean it to")
    func manners() async throws {
        let server = try await Latchkey(auth: "\(htpasswd), apikey: true", folder: try await folder())
        let token = Data("amy:apple".utf8).base64EncodedString()
        // Each of these returns only when the server has closed the connection.
        let old = try await server.exchange("GET /v2/ HTTP/1.0\\r\\nAuthorization: Basic \(token)\\r\\n\\r\\n")
        #expect(statuses(old) == ["200"] && old.contains("close"), "\(old)")
        let oldKept = try await server.exchange(
            "GET /healthz HTTP/1.0\\r\\nConnection: keep-alive\\r\\n\\r\\nGET /v2/ HTTP/1.0\\r\\n\\r\\n")
        #expect(statuses(oldKept) == ["200", "401"], "\(oldKept)")
        let garbage = try await server.exchange("\\x16\\x03\\x01 hello\\r\\n\\r\\n")
        #expect(statuses(garbage) == ["400"], "\(garbage)")
        let noLength = try await server.exchange("GET /v2/ HTTP/1.1\\r\\nHost x\\r\\n\\r\\n")
        #expect(statuses(noLength) == ["400"], "\(noLength)")
        // NIO reads nothing behind a request that may change the protocol: a proxy that keeps connections must be told.
        let upgrade = try await server.exchange(
            "GET /v2/ HTTP/1.1\\r\\nHost: x\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\nAuthorization: Basic \(token)\\r\\n\\r\\n",
            "GET /v2/ HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")
        #expect(statuses(upgrade) == ["200"] && upgrade.contains("Connection: close"), "\(upgrade)")
        for hosts in ["", "Host: a\\r\\nhost: a\\r\\n"] {
            let response = try await server.exchange(
                "GET /v2/ HTTP/1.1\\r\\n\(hosts)Connection: close\\r\\n\\r\\n")
            #expect(statuses(response) == ["400"], "\(response)")
        }
        // Told to go on before its body comes.
        for (authorization, status) in [("Authorization: Basic \(token)\\r\\n", "201"), ("", "401")] {
            let waits = try await server.exchange(
                "POST /zot/auth/apikey HTTP/1.1\\r\\nHost: x\\r\\nExpect: 100-continue\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n"
                    + authorization + "\\r\\n", "{}")
            #expect(statuses(waits) == ["100", status], "\(waits)")
        }
        // Told that its body is too long before it has sent all of it, a client may go on to its next request.
        let body = String(repeating: "x", count: 20_000)
        let early = try await server.exchange(
            "POST /zot/auth/apikey HTTP/1.1\\r\\nHost: x\\r\\nAuthorization: Basic \(token)\\r\\n"
                + "Content-Length: 20000\\r\\n\\r\\n\(body)"
                + "HEAD /v2/ HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n")
        #expect(statuses(early) == ["413", "401"] && early.hasSuffix("\r\n\r\n"), "\(early)")
    }

    @Test("TLS and a Unix socket")
    func listeners() async throws {
        let certificates = try await Certificates()
        let tls = try await Latchkey(
            auth: htpasswd, http: "tls: { cert: '\(certificates.certificate)', key: '\(certificates.key)' }",
            folder: try await folder())
        #expect(try await tls.curl("/v2/", "-u", "amy:apple", "--cacert", certificates.authority).status == "200")
        let folder = try await folder()
        let arguments = ["serve", "--htpasswd", folder.path("htpasswd"), "--listen", "unix:\(folder.path("socket"))"]
        let process = try Latchkey.program.start(arguments, output: folder.url("log"), error: folder.url("log"))
        try await eventually("it listens") { try folder.text("log").contains("listening") }
        let curl = try Program("curl", package: "curl")
        let output = try await curl.run(
            [
                "-s", "-o", "/dev/null", "-w", "%{http_code}", "--unix-socket", folder.path("socket"), "-u",
                "amy:apple", "http://x/auth/verify",
            ])
        #expect(output.standardOutput == "200")
        process.signal(SIGTERM)
        #expect(await process.waitForExit() == 0)
    }
}
