import Foundation
import TestSupport
import Testing

@Suite("Several nodes on one PostgreSQL behave like one", .serialized)
struct ManyNodesTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func node(
        _ database: PostgreSQL, _ name: String, more: String = "", throttled: Bool = false, http: String = ""
    ) async throws -> Latchkey {
        let own = try TemporaryFolder()
        try own.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\nben:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        try own.write("password", PostgreSQL.password + "\n")
        return try await Latchkey(
            configuration: { port in
                """
                http: { port: \(port), auth: { failDelay: 0, throttle: { enabled: \(throttled) }, htpasswd: { path: htpasswd }, apikey: true }\(http) }
                storage:
                  rootDirectory: data
                  postgresql: { host: 127.0.0.1, port: \(database.port), database: \(PostgreSQL.database), user: \(PostgreSQL.user), passwordFile: password, \(more) }
                log: { audit: audit-\(name).log }
                """
            }, folder: own)
    }

    private func create(_ node: Latchkey, _ user: String = "amy") async throws -> (key: String, id: String) {
        let made = try await node.curl("/zot/auth/apikey", "-u", "\(user):apple", "-d", "{}")
        let key = try #require(made.body.firstMatch(of: #/zak_[0-9a-f]{32}/#), "\(made)").output
        let id = try #require(made.body.firstMatch(of: #/"uuid":"([0-9a-f-]{36})"/#)).output.1
        return (String(key), String(id))
    }

    private func verify(_ node: Latchkey, _ key: String) async throws -> String {
        try await node.curl("/auth/verify", "-u", "amy:\(key)").status
    }

    @Test("What one node makes, ends or begins is so at the others: keys, rotations, sessions")
    func together() async throws { try await alone { try await togetherTold() } }

    private func togetherTold() async throws {
        let database = try await PostgreSQL()
        let (one, two) = (try await node(database, "one"), try await node(database, "two"))
        let (key, id) = try await create(one)
        #expect(try await verify(two, key) == "200")
        #expect(try await verify(one, key) == "200")
        let revoked = try await one.curl("/zot/auth/apikey?id=\(id)", "-u", "amy:apple", "-X", "DELETE")
        #expect(revoked.status == "200")
        // It is told: what it remembers by itself would be good for minutes. How fast depends on the machine (docs/nodes.md promises a second).
        try await eventually("the other refuses it too") { try await verify(two, key) == "401" }
        let (old, oldID) = try await create(two)
        #expect(try await verify(one, old) == "200")
        let rotated = try await two.curl(
            "/zot/auth/apikey/rotate?id=\(oldID)&overlap=0", "-u", "amy:apple", "-X", "POST")
        #expect(rotated.status == "201")
        try await eventually("the rotated key is over at the other") { try await verify(one, old) == "401" }
        let login = try await one.curl("/auth/login", "-i", "-d", "username=amy&password=apple")
        let cookie = try #require(login.body.firstMatch(of: #/(latchkey=[^;]+);/#)).output.1
        #expect(try await two.curl("/auth/verify", "-b", String(cookie)).status == "200")
        #expect(try await two.curl("/auth/logout", "-b", String(cookie), "-X", "POST").status == "200")
        try await eventually("the session is over at the first") {
            try await one.curl("/auth/verify", "-b", String(cookie)).status == "401"
        }
        // Uses are written behind, by whichever node: the list has the latest.
        #expect(try await two.curl("/zot/auth/apikey", "-u", "amy:apple").body.contains(#""label""#))
    }

    /// A node with people of a provider.
    private func node(_ database: PostgreSQL, _ issuer: ScriptedIssuer) async throws -> Latchkey {
        let own = try TemporaryFolder()
        try own.write("password", PostgreSQL.password + "\n")
        return try await Latchkey(
            configuration: { port in
                """
                http:
                  port: \(port)
                  externalURL: http://127.0.0.1:\(port)
                  auth:
                    failDelay: 0
                    # What is remembered would be good for the whole test.
                    ownerCheck: { interval: 1h }
                    openid: { providers: { \(issuer.provider("p1", "logoutRevokesKeys: true, ")) } }
                  accessControl:
                    adminPolicy: { groups: ["p1:chiefs"], actions: [delete] }
                storage:
                  postgresql: { host: 127.0.0.1, port: \(database.port), database: \(PostgreSQL.database), user: \(PostgreSQL.user), passwordFile: password }
                log: { audit: audit.log }
                """
            }, folder: own)
    }

    @Test(
        "A provider's logout that finds the database away has done nothing, and does all of it when it comes again, at another node too"
    )
    func logoutInOutage() async throws { try await alone { try await logoutInOutageTold() } }

    private func logoutInOutageTold() async throws {
        let (database, issuer) = (try await PostgreSQL(), try await ScriptedIssuer())
        let (one, two) = (try await node(database, issuer), try await node(database, issuer))
        let session = try await issuer.logIn(one, ["sub": "1", "preferred_username": "gina", "sid": "s"]).cookie
        let made = try await one.curl(
            "/zot/auth/apikey", "-b", session, "-H", "X-ZOT-API-CLIENT: zot-ui", "-d", "{}")
        let key = String(try #require(made.body.firstMatch(of: #/zak_[0-9a-f]{32}/#), "\(made)").output)
        func states(_ node: Latchkey) async throws -> [String] {
            [
                try await node.curl("/auth/verify", "-b", session).status,
                try await node.curl("/auth/verify", "-H", "Authorization: Bearer \(key)").status,
            ]
        }
        let token = try await issuer.logoutToken(["sub": "1", "sid": "s"])
        await database.stop(SIGQUIT)
        #expect(try await issuer.tell(one, token) == "503")
        try await database.start()
        for node in [one, two] {
            try await eventually("it is back, and nothing has ended") { try await states(node) == ["200", "200"] }
        }
        #expect(try await issuer.tell(two, token) == "200")
        for node in [one, two] {
            try await eventually("both have ended") { try await states(node) == ["401", "401"] }
        }
        #expect(try await issuer.tell(one, token) == "200", "the provider may not have had the answer")
    }

    @Test(
        "The newest login of somebody at a provider is in force at the other node: groups that went and came, and a new name"
    )
    func newestLogin() async throws { try await alone { try await newestLoginTold() } }

    private func newestLoginTold() async throws {
        let (database, issuer) = (try await PostgreSQL(), try await ScriptedIssuer())
        let (one, two) = (try await node(database, issuer), try await node(database, issuer))
        func logIn(_ groups: [String], _ name: String = "gina") async throws -> String {
            let claims: [String: (any Sendable)?] = ["sub": "1", "preferred_username": name, "groups": groups]
            return try await issuer.logIn(one, claims).cookie
        }
        func ask(_ cookie: String) async throws -> String {
            try await two.curl("/auth/verify?repository=a/b&action=delete", "-b", cookie).status
        }
        let first = try await logIn(["chiefs"])
        #expect(try await ask(first) == "200")
        let made = try await two.curl(
            "/zot/auth/apikey", "-b", first, "-H", "X-ZOT-API-CLIENT: zot-ui", "-d", "{}")
        let key = String(try #require(made.body.firstMatch(of: #/zak_[0-9a-f]{32}/#), "\(made)").output)
        func byKey() async throws -> String {
            try await two.curl("/auth/verify?repository=a/b&action=delete", "-H", "Authorization: Bearer \(key)").status
        }
        #expect(try await byKey() == "200")
        let second = try await logIn(["guests"])
        try await eventually("the older session has no such group at the other node") { try await ask(first) == "403" }
        try await eventually("nor has the key") { try await byKey() == "403" }
        #expect(try await ask(second) == "403")
        _ = try await logIn(["chiefs"])
        try await eventually("it comes back") { try await ask(first) == "200" }
        try await eventually("to the key too") { try await byKey() == "200" }
        _ = try await logIn(["chiefs"], "gina-new")
        try await eventually("the new name is known") {
            try await two.curl("/auth/whoami", "-b", first).body.contains(#""userName":"gina-new""#)
        }
    }

    @Test("Nodes that decide by other rules than another one say so, each once, and again only when the rules change")
    func rules() async throws { try await alone { try await rulesTold() } }

    private func rulesTold() async throws {
        let database = try await PostgreSQL()
        let rules = ", accessControl: { repositories: { \"**\": { defaultPolicy: [read] } } }"
        let one = try await node(database, "one", http: rules)
        let two = try await node(database, "two", http: rules)
        try await eventually("both hear") {
            for node in [one, two] {
                guard try await node.curl("/metrics").body.contains("latchkey_store_memory_trusted 1") else {
                    return false
                }
            }
            return true
        }
        let three = try await node(database, "three", http: rules.replacing("read", with: "create"))
        for node in [one, two, three] {
            try await eventually("it says so") { try node.log.contains("another node decides by other rules") }
        }
        let said = try [one, two, three].map { try $0.log.components(separatedBy: "decides by other rules").count - 1 }
        #expect(said == [1, 1, 1])
    }

    @Test(
        "A node that starts with the others brings the tables up to date once, and one that is alone without a database says so"
    )
    func starts() async throws { try await alone { try await startsTold() } }

    private func startsTold() async throws {
        let database = try await PostgreSQL()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for name in ["one", "two", "three"] {
                group.addTask {
                    let node = try await node(database, name)
                    #expect(try await node.curl("/readyz").status == "200")
                }
            }
            try await group.waitForAll()
        }
        let steps = try await database.psql("SELECT count(*) = max(step) FROM schema_step")
        #expect(steps.standardOutput == "t\n")
        let path = try folder.write(
            "c.yaml",
            """
            http: { auth: { apikey: true } }
            storage: { postgresql: { host: 127.0.0.1, port: \(try Ports.free()), password: "never shown" } }
            """)
        let output = try await Latchkey.program.run(["serve", "--config", path])
        #expect(output.status != 0 && output.standardError.contains("PostgreSQL can't be reached"), "\(output)")
        #expect(!(output.standardError + output.standardOutput).contains("never shown"))
    }

    @Test(
        "While the database is away what is known goes on, passwords too; what needs it is 503, never 401; and it comes back by itself"
    )
    func outage() async throws { try await alone { try await outageTold() } }

    private func outageTold() async throws {
        let database = try await PostgreSQL()
        let (one, two) = (try await node(database, "one"), try await node(database, "two", more: "grace: 3s"))
        let (known, _) = try await create(one)
        let (ended, endedID) = try await create(one)
        let (unknown, _) = try await create(one)
        for node in [one, two] {
            #expect(try await verify(node, known) == "200")
            #expect(try await verify(node, ended) == "200")
        }
        _ = try await two.curl("/zot/auth/apikey?id=\(endedID)", "-u", "amy:apple", "-X", "DELETE")
        try await eventually("it is over at the first") { try await verify(one, ended) == "401" }
        await database.stop(SIGQUIT)
        #expect(try await verify(one, known) == "200")
        #expect(try await verify(one, ended) == "503", "nobody can say, and what was ended is not remembered")
        #expect(try await verify(one, unknown) == "503")
        #expect(try await one.curl("/auth/verify", "-u", "amy:apple").status == "200")
        #expect(try await one.curl("/zot/auth/apikey", "-u", "amy:apple", "-d", "{}").status == "503")
        #expect(try await one.curl("/zot/auth/apikey?all=true", "-u", "amy:apple", "-X", "DELETE").status == "503")
        // What is known goes on for storage.grace.
        try await eventually("the grace of the second is over") {
            try await verify(two, known) == "503"
        }
        #expect(try await verify(one, known) == "200")
        try await database.start()
        for node in [one, two] {
            try await eventually("it is back") { try await node.curl("/readyz").status == "200" }
            try await eventually("and knows all") { try await verify(node, unknown) == "200" }
            #expect(try await verify(node, ended) == "401")
        }
        try await eventually("uses that were counted meanwhile are written") {
            try await database.psql("SELECT count(*) FROM api_key WHERE last_used > 0").standardOutput == "3\n"
        }
    }

    @Test(
        "A node that can't hear the others, though the database is there, asks it each time after a second, and says so"
    )
    func deaf() async throws { try await alone { try await deafTold() } }

    private func deafTold() async throws {
        let database = try await PostgreSQL(["max_connections=12", "superuser_reserved_connections=0"])
        let one = try await node(database, "one", more: "pool: 2")
        let (key, _) = try await create(one)
        #expect(try await verify(one, key) == "200")
        // Its connection is ended, and again: it comes back each time.
        for _ in 0..<3 {
            try await database.psql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' OR query = 'SELECT 1' AND pid <> pg_backend_pid()"
            )
            try await eventually("it hears again") {
                try await one.curl("/metrics").body.contains("latchkey_store_memory_trusted 1")
            }
            #expect(try await verify(one, key) == "200")
        }
    }

    @Test("Three nodes behind HAProxy are restarted in turn under load: no request fails")
    func rolling() async throws { try await alone { try await rollingTold() } }

    private func rollingTold() async throws {
        let database = try await PostgreSQL()
        var nodes: [Latchkey] = []
        for name in ["one", "two", "three"] { nodes.append(try await node(database, name)) }
        let (key, _) = try await create(nodes[0])
        let port = try Ports.free()
        let servers = nodes.enumerated().map {
            "server s\($0) 127.0.0.1:\($1.port) check inter 200ms fall 1 rise 1"
        }.joined(separator: "\n    ")
        let configuration = try folder.write(
            "haproxy.cfg",
            """
            defaults
                mode http
                timeout connect 2s
                timeout client 10s
                timeout server 10s
                retries 5
                option redispatch 1
                retry-on conn-failure empty-response response-timeout 503
            frontend f
                bind 127.0.0.1:\(port)
                default_backend b
            backend b
                option httpchk GET /readyz
                \(servers)

            """)
        let haproxy = try Program("haproxy", package: "haproxy").start(
            ["-db", "-f", configuration], output: folder.url("haproxy.log"), error: folder.url("haproxy.log"))
        defer { haproxy.signal(SIGKILL) }
        try await eventually("HAProxy listens") { Ports.isOpen(port) }
        let credential = Data("amy:\(key)".utf8).base64EncodedString()
        let load = Task {
            try await Program("h2load", package: "nghttp2-client").run([
                "--h1", "-c", "16", "-D", "12", "-H", "authorization: Basic \(credential)",
                "http://127.0.0.1:\(port)/auth/verify",
            ])
        }
        for index in nodes.indices {
            await nodes[index].stop()
            let again = try await Latchkey(restarting: nodes[index])
            nodes[index] = again
            try await eventually("HAProxy has it back") { try await again.curl("/readyz").status == "200" }
        }
        let output = try await load.value
        let requests = try #require(
            output.standardOutput.firstMatch(
                of: #/requests: \d+ total, \d+ started, (\d+) done, (\d+) succeeded, (\d+) failed, (\d+) errored/#),
            "\(output)"
        ).output
        #expect(requests.3 == "0" && requests.4 == "0" && requests.1 == requests.2, "\(output.standardOutput)")
        #expect(Int(requests.1) ?? 0 > 1000)
        #expect(output.standardOutput.contains(" 0 3xx, 0 4xx, 0 5xx"), "\(output.standardOutput)")
    }

    @Test(
        "A login by a provider begins at one node and ends at another; a registry's token by one is verified by the keys of the other"
    )
    func logins() async throws { try await alone { try await loginsTold() } }

    private func loginsTold() async throws {
        let database = try await PostgreSQL()
        let port = try Ports.free()
        let provider = try await Canaille(sendingBackTo: "http://127.0.0.1:\(port)")
        defer { withExtendedLifetime(provider) {} }
        var nodes: [Latchkey] = []
        for given in [port, try Ports.free()] {
            let own = try TemporaryFolder()
            try own.write("password", PostgreSQL.password + "\n")
            nodes.append(
                try await Latchkey(
                    configuration: { _ in
                        """
                        http:
                          port: \(given)
                          externalURL: http://127.0.0.1:\(port)
                          auth: { failDelay: 0, tokens: { issuer: i, services: [registry] }, \(provider.configuration()) }
                        storage:
                          postgresql: { host: 127.0.0.1, port: \(database.port), user: \(PostgreSQL.user), passwordFile: password }
                        """
                    }, folder: own, port: given))
        }
        #expect(
            try await nodes[0].curl("/auth/jwks.json").body == nodes[1].curl("/auth/jwks.json").body,
            "one key signs for all")
        // It begins at the second, and the provider leads back to the first. Cookies know no ports.
        let page = try await Browser(folder).go(
            to: nodes[1].url + "/auth/login?provider=canaille&rd=/auth/whoami", until: nodes[0].url,
            typing: ["login": "alice", "password": try #require(Canaille.people["alice"])])
        #expect(page.status == 200 && page.url == nodes[0].url + "/auth/whoami", "\(page)")
        let cookie = "latchkey=\(try #require(page.cookies["latchkey"]))"
        #expect(try await nodes[1].curl("/auth/verify", "-b", cookie).status == "200")
    }

    @Test(
        "Who spreads guesses over three nodes gets no more of them than at one, and the right password works elsewhere")
    func guesses() async throws { try await alone { try await guessesTold() } }

    private func guessesTold() async throws {
        let database = try await PostgreSQL()
        var nodes: [Latchkey] = []
        for name in ["one", "two", "three"] { nodes.append(try await node(database, name, throttled: true)) }
        func guess(_ number: Int, at node: Latchkey) async throws -> String {
            try await node.curl("/auth/verify", "-u", "amy:wrong\(number)").status
        }
        // Three are free, and the fourth costs: one after the other, at each node in turn, with time to tell.
        for number in 0..<4 {
            #expect(try await guess(number, at: nodes[number % 3]) == "401")
            try await eventually("each node has counted it") {
                guard number == 3 else { return true }
                for (index, node) in nodes.enumerated() where try await guess(100 + index, at: node) != "429" {
                    return false
                }
                return true
            }
        }
        let ben = try await nodes[0].curl("/auth/verify", "-u", "ben:apple")
        #expect(ben.status == "200", "another user is not slowed down")
    }

    @Test("The checker of cluster.py finds what is wrong, and nothing else")
    func checker() async throws {
        let script = Slapd.repository.appending(path: "scripts/cluster.py").path
        let output = try await Program("python3", package: "python3").run([script, "--check-the-checker"])
        #expect(output.status == 0 && output.standardOutput.contains("finds what is wrong"), "\(output)")
    }

    @Test("Everything moves from a folder to PostgreSQL and back, and works there")
    func copying() async throws { try await alone { try await copyingTold() } }

    private func copyingTold() async throws {
        let database = try await PostgreSQL()
        try folder.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        func configuration(_ name: String, _ storage: String) throws -> String {
            try folder.write(
                "\(name).yaml",
                """
                http: { port: \(try Ports.free()), auth: { failDelay: 0, htpasswd: { path: htpasswd }, apikey: true } }
                storage: { \(storage) }
                log: { audit: audit.log }
                """)
        }
        let shared = try configuration(
            "shared",
            "postgresql: { host: 127.0.0.1, port: \(database.port), user: \(PostgreSQL.user), password: \"\(PostgreSQL.password)\" }"
        )
        let (own, back) = (
            try configuration("own", "rootDirectory: own"), try configuration("back", "rootDirectory: back")
        )
        func serve(_ path: String) async throws -> Latchkey {
            try await Latchkey(
                configuration: { port in
                    try String(contentsOfFile: path, encoding: .utf8).replacing(
                        #/port: \d+/#, with: "port: \(port)", maxReplacements: 1)
                }, folder: folder)
        }
        func copy(_ from: String, _ to: String) async throws -> String {
            let output = try await Latchkey.program.run(["store", "copy", "--from", from, "--to", to])
            #expect(output.status == 0, "\(output)")
            return output.standardOutput
        }
        let first = try await serve(own)
        let (key, id) = try await create(first)
        let (other, _) = try await create(first)
        _ = try await first.curl("/zot/auth/apikey?id=\(id)", "-u", "amy:apple", "-X", "DELETE")
        let login = try await first.curl("/auth/login", "-i", "-d", "username=amy&password=apple")
        let cookie = String(try #require(login.body.firstMatch(of: #/(latchkey=[^;]+);/#)).output.1)
        await first.stop()
        #expect(try await copy(own, shared).contains("copied 2 API key(s), 1 owner(s), 1 session(s), 0 person(s)"))
        #expect(try await copy(own, shared).contains("all are there"), "and again")
        for path in [shared, back] {
            if path == back { _ = try await copy(shared, back) }
            let node = try await serve(path)
            #expect(try await verify(node, key) == "401")
            #expect(try await verify(node, other) == "200")
            #expect(try await node.curl("/auth/verify", "-b", cookie).status == "200")
            await node.stop()
        }
        // Where the audit file ends goes with them.
        for path in [own, shared, back] {
            let verified = try await Latchkey.program.run([
                "audit", "verify", "--config", path, folder.path("audit.log"),
            ])
            #expect(
                verified.status == 0 && verified.standardOutput.contains("ok: the store knows line "), "\(verified)")
        }
        // The other commands look at PostgreSQL too.
        let checked = try await Latchkey.program.run(["check", "--config", shared])
        #expect(checked.standardOutput.contains("storage: ok: PostgreSQL "), "\(checked)")
        let exported = try await Latchkey.program.run(["apikey", "export", "--config", shared])
        #expect(exported.standardOutput.split(separator: "\n").count == 2)
        let imported = try await Latchkey.program.run(
            ["apikey", "import", "--config", shared], input: Data(exported.standardOutput.utf8))
        #expect(imported.standardOutput.contains("added 0 key(s); 2 had been there"), "\(imported)")
        let inspected = try await Latchkey.program.run(
            ["apikey", "inspect", "--config", shared], input: Data(other.utf8))
        #expect(inspected.status == 0 && inspected.standardOutput.contains("state: active"), "\(inspected)")
        let wrong = try await Latchkey.program.run(["store", "copy", "--from", own, "--to", folder.path("none")])
        #expect(wrong.status == 2)
    }
}
