import Foundation
import TestSupport
import Testing

@Suite("Logouts end what they say: once, all of it, and nothing that has begun since")
struct ProviderLogoutTests {
    private let folder: TemporaryFolder
    private let issuer: ScriptedIssuer

    init() async throws {
        folder = try TemporaryFolder()
        try folder.write("htpasswd", "bob:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\nroot:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        issuer = try await ScriptedIssuer()
    }

    private func configuration(_ port: Int, _ providers: String, _ links: String = "", auth: String = "") -> String {
        """
        http:
          port: \(port)
          externalURL: http://127.0.0.1:\(port)
          auth:
            failDelay: 0
            htpasswd: { path: htpasswd }
            apikey: true
            \(auth)
            apiKeys: { administrators: { users: [root] } }
            \(providers.isEmpty ? "" : "openid: { identities: [\(links)], providers: { \(providers) } }")
        storage: { rootDirectory: data }
        log: { audit: audit.log }

        """
    }

    private func start(_ more: String = "", links: String = "", auth: String = "") async throws -> Latchkey {
        let provider = issuer.provider("p1", more)
        return try await Latchkey(configuration: { configuration($0, provider, links, auth: auth) }, folder: folder)
    }

    private func isIn(_ server: Latchkey, _ cookie: String) async throws -> Bool {
        let status = try await server.curl("/auth/verify", "-b", cookie).status
        guard ["200", "401"].contains(status) else { throw NeverHappened(description: "the answer is \(status)") }
        return status == "200"
    }

    private func makeKey(_ server: Latchkey, _ cookie: String) async throws -> String {
        let made = try await server.curl(
            "/zot/auth/apikey", "-b", cookie, "-H", "X-ZOT-API-CLIENT: zot-ui", "-d", "{}")
        return String(try #require(made.body.firstMatch(of: #/zak_[0-9a-f]{32}/#), "\(made)").output)
    }

    private func works(_ server: Latchkey, _ user: String, _ key: String) async throws -> Bool {
        try await server.curl("/auth/verify", "-u", "\(user):\(key)").status == "200"
    }

    /// Another second of the clock, by which providers tell when: what begins in it has begun later.
    private func nextSecond() async throws { try await Canaille.nextSecond() }

    @Test(
        "A token that comes while the store is away does its work when it comes again, keys and all, and then no more, also after a restart"
    )
    func outage() async throws {
        let server = try await start("logoutRevokesKeys: true, ")
        let (session, _) = try await issuer.logIn(server, ["sub": "disk", "preferred_username": "disk", "sid": "s1"])
        let key = try await makeKey(server, session)
        let token = try await issuer.logoutToken(["sub": "disk", "sid": "s1"])
        let locked = try await LockedStore(folder)
        let refused = try await issuer.tell(server, token)
        let isHalfDone = try await !isIn(server, session)
        await locked.end()
        #expect(refused == "503" && !isHalfDone)
        #expect(try await works(server, "disk", key))
        #expect(try await issuer.tell(server, token) == "200")
        #expect(try await !isIn(server, session))
        #expect(try await !works(server, "disk", key))
        try await nextSecond()
        let (new, _) = try await issuer.logIn(server, ["sub": "disk", "preferred_username": "disk", "sid": "s1"])
        #expect(try await issuer.tell(server, token) == "200", "the provider may not have had the answer")
        #expect(try await isIn(server, new))
        await server.stop()
        let again = try await Latchkey(restarting: server)
        #expect(try await issuer.tell(again, token) == "200")
        #expect(try await isIn(again, new))
        try await eventually("the trail tells of it once") {
            try folder.text("audit.log").split(separator: "\n").count { $0.contains(#""event":"provider-logout""#) }
                == 1
        }
    }

    @Test(
        "A token that comes late, for the first time, ends what was there when it was made, and not what has begun since"
    )
    func late() async throws {
        let server = try await start("logoutRevokesKeys: true, ")
        let (old, _) = try await issuer.logIn(server, ["sub": "lea", "preferred_username": "lea"])
        let token = try await issuer.logoutToken(["sub": "lea"])
        try await nextSecond()
        let (new, _) = try await issuer.logIn(server, ["sub": "lea", "preferred_username": "lea"])
        #expect(try await issuer.tell(server, token) == "200")
        let states = (try await isIn(server, old), try await isIn(server, new))
        #expect(!states.0 && states.1)
        // A provider whose clock is behind ours: its own word counts.
        let past = Int(Date.now.timeIntervalSince1970) - 40
        let (behind, _) = try await issuer.logIn(server, ["sub": "max", "preferred_username": "max", "iat": past])
        let before = try await issuer.logoutToken(["sub": "max", "iat": past - 2])
        let after = try await issuer.logoutToken(["sub": "max", "iat": past + 2])
        #expect(try await issuer.tell(server, before) == "200")
        #expect(try await isIn(server, behind))
        #expect(try await issuer.tell(server, after) == "200")
        #expect(try await !isIn(server, behind))
    }

    @Test(
        "Who and which: a session that is known ends alone, one that is not ends those that nobody has named, and a person without a session is all of theirs",
        arguments: [
            (["sub": "ines", "sid": "1"], [false, true, true, true]),
            (["sub": "ines", "sid": "9"], [true, true, false, true]),
            (["sid": "2"], [true, false, true, true]), (["sub": "ines"], [false, false, false, true]),
            (["sid": "9"], [true, true, true, true]), (["sub": "nobody", "sid": "1"], [true, true, true, true]),
        ])
    func which(_ said: [String: String], _ live: [Bool]) async throws {
        let server = try await start()
        var cookies: [String] = []
        for (person, session) in [("ines", "1"), ("ines", "2"), ("ines", nil), ("olga", nil)] {
            cookies.append(
                try await issuer.logIn(server, ["sub": person, "preferred_username": person, "sid": session]).cookie)
        }
        #expect(try await issuer.tell(server, try await issuer.logoutToken(said)) == "200")
        for (cookie, isLive) in zip(cookies, live) { #expect(try await isIn(server, cookie) == isLive) }
    }

    @Test(
        "Who has left has no keys any more, also where an operator has linked them to a person of another source, and with no session here"
    )
    func linkedKeys() async throws {
        let server = try await start(
            "logoutRevokesKeys: true, ", links: "{ provider: p1, subject: linked-1, user: bob }")
        let (session, answer) = try await issuer.logIn(server, ["sub": "linked-1", "preferred_username": "x"])
        #expect(answer.contains(#""userName":"bob""#))
        let key = try await makeKey(server, session)
        #expect(try await server.curl("/auth/logout", "-b", session, "-X", "POST").status == "200")
        #expect(try await issuer.tell(server, try await issuer.logoutToken(["sub": "linked-2"])) == "200")
        #expect(try await works(server, "bob", key), "somebody else's logout")
        #expect(try await issuer.tell(server, try await issuer.logoutToken(["sub": "linked-1"])) == "200")
        #expect(try await !works(server, "bob", key))
        #expect(try await server.curl("/auth/whoami", "-u", "bob:apple").status == "200", "bob is still the file's")
    }

    @Test(
        "A link, a provider or its issuer that an operator takes back ends the sessions that began by it, those that were just used too"
    )
    func takenBack() async throws {
        let link = "{ provider: p1, subject: linked-1, user: bob }"
        let server = try await start(links: link)
        let (p1, p2) = (issuer.provider("p1"), issuer.provider("p2"))
        func reload(_ providers: String, _ links: String = "") async throws {
            let before = try server.log.components(separatedBy: "is in force").count
            try folder.write("latchkey.yaml", configuration(server.port, providers, links))
            server.signal(SIGHUP)
            try await eventually("it is in force") {
                try server.log.components(separatedBy: "is in force").count > before
            }
        }
        func list(_ user: String) async throws -> Int {
            try await server.curl("/auth/sessions?user=\(user)", "-u", "root:apple").body.components(
                separatedBy: #""uuid""#
            ).count - 1
        }
        try await reload(p1 + ", " + p2, link)
        let (linked, _) = try await issuer.logIn(server, ["sub": "linked-1", "preferred_username": "x"])
        let (own, _) = try await issuer.logIn(server, ["sub": "own-1", "preferred_username": "olga"])
        let (second, _) = try await issuer.logIn(server, provider: "p2", ["sub": "own-2", "preferred_username": "zoe"])
        for cookie in [linked, own, second] { #expect(try await isIn(server, cookie)) }
        // The link leads to somebody else now.
        try await reload(p1 + ", " + p2, "{ provider: p1, subject: linked-1, user: root }")
        #expect(try await !isIn(server, linked))
        try await reload(p1 + ", " + p2, link)
        let (again, _) = try await issuer.logIn(server, ["sub": "linked-1", "preferred_username": "x"])
        #expect(try await isIn(server, again))
        #expect(try await list("bob") == 1)
        try await reload(p1 + ", " + p2)
        try await eventually("it stands in no list") { try await list("bob") == 0 }
        #expect(try await !isIn(server, again))
        for cookie in [own, second] { #expect(try await isIn(server, cookie), "their own") }
        try await reload(p2)
        let states = (try await isIn(server, own), try await isIn(server, second))
        #expect(!states.0 && states.1)
        // The provider of this name is another one now.
        let other = try await ScriptedIssuer()
        try await reload(other.provider("p2"))
        #expect(try await !isIn(server, second))
        #expect(try await server.curl("/auth/whoami", "-u", "bob:apple").status == "200")
    }

    @Test(
        "Everything of somebody who was renamed ends by their new name, and nothing of whoever has the old one now",
        // Each use asks who somebody is today; or what was said is remembered for as long as usual.
        arguments: ["ownerCheck: { interval: 0 }", ""])
    func renamed(_ memory: String) async throws {
        let server = try await start(auth: memory)
        func person(_ subject: String, _ name: String) -> [String: String] {
            ["sub": subject, "preferred_username": name]
        }
        let (first, _) = try await issuer.logIn(server, person("g1", "gina"))
        let key = try await makeKey(server, first)
        let (renamed, answer) = try await issuer.logIn(server, person("g1", "gina-new"))
        #expect(answer.contains("gina-new"))
        let (other, taken) = try await issuer.logIn(server, person("g2", "gina"))
        #expect(taken.contains(#""userName":"gina""#))
        let listed = try await server.curl("/auth/sessions?user=gina-new", "-u", "root:apple").body
        #expect(listed.components(separatedBy: #""uuid""#).count == 3, "\(listed)")
        func end(_ path: String) async throws -> String {
            try await server.curl(path, "-u", "root:apple", "-X", "DELETE").status
        }
        #expect(try await end("/auth/sessions?user=gina-new&all=true") == "200")
        let states = (try await isIn(server, first), try await isIn(server, renamed), try await isIn(server, other))
        #expect(!states.0 && !states.1 && states.2)
        #expect(try await works(server, "gina-new", key))
        #expect(try await end("/zot/auth/apikey?user=gina&all=true") == "200")
        #expect(try await works(server, "gina-new", key), "another's")
        #expect(try await end("/zot/auth/apikey?user=gina-new&all=true") == "200")
        #expect(try await !works(server, "gina-new", key))
        #expect(try await end("/auth/sessions?user=gina&all=true") == "200")
        #expect(try await !isIn(server, other))
        #expect(
            try await end("/auth/sessions?user=nobody&all=true") == "404",
            "nobody is told that all of a nobody has ended")
    }
}
