import Foundation
import TestSupport
import Testing

/// Names that a file or a directory gains after a program, or somebody at a provider, has had them.
@Suite("A name that a file or a directory gains is that person's, wherever it is asked for")
struct GainedNamesTests {
    private let folder: TemporaryFolder
    private let issuer: ScriptedIssuer
    private static let hash = "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ="

    init() async throws {
        folder = try TemporaryFolder()
        issuer = try await ScriptedIssuer()
        try file("root")
    }

    private func file(_ users: String...) throws {
        try folder.write("htpasswd", users.map { "\($0):\(Self.hash)\n" }.joined())
    }

    private func configuration(
        _ port: Int, auth: String = "", links: String = "", providers: String, storage: String = "rootDirectory: data"
    ) -> String {
        """
        http:
          port: \(port)
          externalURL: http://127.0.0.1:\(port)
          auth:
            failDelay: 0
            throttle: { enabled: false }
            htpasswd: { path: htpasswd }
            apikey: true
            apiKeys: { administrators: { users: [root] } }
            \(auth)
            openid: { identities: [\(links)], providers: { \(providers) } }
            bearer: { oidc: [ { issuer: "\(issuer.url)", name: jobs, audiences: [latchkey], anybody: true,
              claimMapping: { username: claims.preferred_username } } ] }
        storage: { \(storage) }
        log: { audit: audit.log }

        """
    }

    private func key(_ answer: (status: String, body: String)) throws -> String {
        String(try #require(answer.body.firstMatch(of: #/zak_[0-9a-f]{32}/#), "\(answer)").output)
    }

    private func works(_ server: Latchkey, _ name: String, _ secret: String) async throws -> Bool {
        try await server.curl("/auth/verify", "-u", "\(name):\(secret)").status == "200"
    }

    private func isIn(_ server: Latchkey, _ cookie: String) async throws -> Bool {
        try await server.curl("/auth/verify", "-b", cookie).status == "200"
    }

    @Test(
        "After a token has had it: for links, for keys that a provider's logout ends, for who answers for a service account, on the page"
    )
    func afterToken() async throws {
        let provider = issuer.provider("p1", "logoutRevokesKeys: true, ")
        let server = try await Latchkey(
            configuration: {
                configuration($0, links: "{ provider: p1, subject: n1, user: ned }", providers: provider)
            }, folder: folder)
        let token = try await issuer.token(["preferred_username": "ned"])
        func byToken() async throws -> String {
            try await server.curl("/auth/verify", "-H", "Authorization: Bearer \(token)").status
        }
        #expect(try await byToken() == "200")
        let early = try await issuer.logIn(server, ["sub": "n1", "preferred_username": "x"])
        #expect(try await !isIn(server, early.cookie), "a program has the name, and nobody logs in as one")
        try file("root", "ned")
        try await eventually("the name is the file's") { try await byToken() == "401" }

        let linked = try await issuer.logIn(server, ["sub": "n1", "preferred_username": "x"])
        #expect(linked.answer.contains(#""userName":"ned""#), "\(linked)")
        let own = try key(
            try await server.curl(
                "/zot/auth/apikey", "-b", linked.cookie, "-H", "X-ZOT-API-CLIENT: zot-ui", "-d", "{}"))
        #expect(try await works(server, "ned", own))
        let jar = folder.path("root")
        _ = try await server.curl("/auth/login", "-c", jar, "-d", "username=root&password=secret")
        let page = try await server.curl("/auth/people?user=ned", "-b", jar).body
        #expect(page.contains("htpasswd") && !page.contains("bearer"), "\(page)")
        let account = try key(
            try await server.curl(
                "/zot/auth/apikey?user=nightly", "-u", "root:secret", "-d",
                #"{"expirationDate":"never","responsible":"ned"}"#))
        #expect(try await works(server, "nightly", account))

        #expect(try await server.curl("/auth/logout", "-b", linked.cookie, "-X", "POST").status == "200")
        #expect(try await issuer.tell(server, try await issuer.logoutToken(["sub": "n1"])) == "200")
        #expect(try await !works(server, "ned", own), "their keys end with the logout")
        #expect(try await works(server, "ned", "secret"))
        try file("root")
        try await eventually("nobody answers for the service account any more") {
            try await !works(server, "nightly", account)
        }
    }

    @Test(
        "A directory that gains a name: sessions, keys, service accounts and tokens of that name wait until it is free")
    func directory() async throws {
        let slapd = try await Slapd()
        let users = "ou=Users,dc=example,dc=org"
        let directory = """
            ldap: { urls: ['\(slapd.url)'], baseDN: '\(users)', startTLS: false, insecure: true, userAttribute: uid,
                  bindDN: 'cn=root,dc=example,dc=org', bindPassword: root-password }
                ownerCheck: { interval: 100ms }
                cache: { lifetime: 0 }
            """
        let provider = issuer.provider()
        let server = try await Latchkey(
            configuration: { configuration($0, auth: directory, providers: provider) }, folder: folder)
        let carl = try await issuer.logIn(server, ["sub": "1", "preferred_username": "carl"])
        let own = try key(
            try await server.curl("/zot/auth/apikey", "-b", carl.cookie, "-H", "X-ZOT-API-CLIENT: zot-ui", "-d", "{}"))
        let bot = try key(
            try await server.curl(
                "/zot/auth/apikey?user=bot", "-u", "root:secret", "-d", #"{"expirationDate":"never"}"#))
        func states() async throws -> [Bool] {
            [
                try await isIn(server, carl.cookie), try await works(server, "carl", own),
                try await works(server, "bot", bot),
            ]
        }
        func token(_ name: String) async throws -> String {
            let token = try await issuer.token(["preferred_username": name])
            return try await server.curl("/auth/verify", "-H", "Authorization: Bearer \(token)").status
        }
        #expect(try await states() == [true, true, true])
        #expect(try await token("job") == "200")
        func change(_ ldif: String) async throws {
            let output = try await Program("ldapmodify", package: "ldap-utils").run(
                ["-x", "-H", slapd.url, "-D", "cn=root,dc=example,dc=org", "-w", "root-password"],
                input: Data(ldif.utf8))
            try #require(output.status == 0, "\(output)")
        }
        // A directory takes each spelling of a name for one.
        for name in ["Carl", "bot", "job"] {
            try await change(
                """
                dn: uid=\(name),\(users)
                changetype: add
                objectClass: inetOrgPerson
                uid: \(name)
                cn: \(name)
                sn: \(name)
                userPassword: of-the-directory

                """)
        }
        try await eventually("the names are the directory's") { try await states() == [false, false, false] }
        try await eventually("the token's too") { try await token("job") == "401" }
        #expect(try await works(server, "carl", "of-the-directory"))
        #expect(
            try await !isIn(server, try await issuer.logIn(server, ["sub": "2", "preferred_username": "CARL"]).cookie))
        #expect(try folder.text("audit.log").contains(#""reason":"name-taken""#))
        let check = try await Latchkey.program.run(["check", "--config", folder.path("latchkey.yaml")])
        #expect(check.standardOutput.contains("carl of openid:p1 can't come in: the directory has"), "\(check)")
        for name in ["Carl", "bot", "job"] { try await change("dn: uid=\(name),\(users)\nchangetype: delete\n") }
        try await eventually("the names are free again") { try await states() == [true, true, true] }
        try await eventually("the token's too") { try await token("job") == "200" }
    }

    @Test(
        "check tells of each name that the file has gained, whatever keeps the store, and of nobody who comes in or holds no name"
    )
    func told() async throws {
        let database = try await PostgreSQL.shared().newDatabase()
        let name = try #require(database.split(separator: "dbname=").last)
        try folder.write("password", PostgreSQL.password + "\n")
        let postgreSQL = """
            rootDirectory: data, postgresql: { host: 127.0.0.1, port: \(try await PostgreSQL.shared().port), database: \(name), user: \(PostgreSQL.user), passwordFile: password }
            """
        for storage in ["rootDirectory: data", postgreSQL] {
            try file("root")
            let (p1, p2) = (issuer.provider("p1"), issuer.provider("p2"))
            let link = "{ provider: p1, subject: l1, user: lea }"
            func start(_ providers: String) async throws -> Latchkey {
                try await Latchkey(
                    configuration: { configuration($0, links: link, providers: providers, storage: storage) },
                    folder: folder)
            }
            func check() async throws -> [String] {
                let output = try await Latchkey.program.run(["check", "--config", folder.path("latchkey.yaml")])
                return output.standardOutput.split(separator: "\n").map(String.init).filter { $0.hasPrefix("names:") }
            }
            let server = try await start("\(p1), \(p2)")
            for (subject, provider, person) in [
                ("c1", "p1", "carl"), ("l1", "p1", "x"), ("g1", "p2", "gone"), ("f1", "p1", "free"),
            ] {
                let login = try await issuer.logIn(
                    server, provider: provider, ["sub": subject, "preferred_username": person])
                #expect(try await isIn(server, login.cookie), "\(person): \(login)")
            }
            let token = try await issuer.token(["preferred_username": "job"])
            #expect(try await server.curl("/auth/verify", "-H", "Authorization: Bearer \(token)").status == "200")
            _ = try key(
                try await server.curl(
                    "/zot/auth/apikey?user=bot", "-u", "root:secret", "-d", #"{"expirationDate":"never"}"#))
            #expect(try await check() == [])
            await server.stop()
            // Its people hold no names any more.
            let again = try await start(p1)
            try file("root", "carl", "lea", "gone", "job", "bot")
            let told = try await check()
            #expect(
                told == [
                    "names: note: carl of openid:p1 can't come in: the htpasswd file has somebody of that name, or nearly",
                    "names: note: job of bearer can't come in: the htpasswd file has somebody of that name, or nearly",
                    "names: note: the keys of the service account bot are refused: the htpasswd file has somebody of that name, or nearly",
                ], "\(storage)")
            let lea = try await issuer.logIn(again, ["sub": "l1", "preferred_username": "x"])
            #expect(lea.answer.contains(#""userName":"lea""#), "whoever is linked to the name comes in")
            await again.stop()
        }
    }

    @Test("A store that no server has made yet, and one that is away, are told apart")
    func storeAway() async throws {
        func check(_ storage: String) async throws -> String {
            try folder.write(
                "c.yaml", configuration(1, providers: issuer.provider(), storage: storage))
            return try await Latchkey.program.run(["check", "--config", folder.path("c.yaml")]).standardOutput
        }
        let none = try await check("rootDirectory: data")
        #expect(!none.contains("names:"), "\(none)")
        let database = try #require(try await PostgreSQL.shared().newDatabase().split(separator: "dbname=").last)
        try folder.write("password", PostgreSQL.password + "\n")
        func postgreSQL(_ port: Int) -> String {
            "postgresql: { host: 127.0.0.1, port: \(port), database: \(database), user: \(PostgreSQL.user), passwordFile: password }"
        }
        let port = try await PostgreSQL.shared().port
        let empty = try await check(postgreSQL(port))
        #expect(empty.contains("storage: ok: PostgreSQL") && !empty.contains("names:"), "\(empty)")
        let tables = try await PostgreSQL.shared().psql(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", database: String(database))
        #expect(tables.standardOutput == "0\n", "a check makes no tables")
        let away = try await check(postgreSQL(try Ports.free()))
        #expect(away.contains("names: unavailable: the names of people of providers"), "\(away)")
    }
}
