import Foundation
import TestSupport
import Testing

/// One space of names, in which the same bytes are one name and nothing else is: from outside, at a provider that says whatever it is told to say.
@Suite("Nobody becomes somebody else")
struct OneNameTests {
    private let folder: TemporaryFolder
    private let issuer: ScriptedIssuer
    private static let hash = "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ="

    init() async throws {
        folder = try TemporaryFolder()
        issuer = try await ScriptedIssuer()
        try file("Karl", "zo\u{EB}", "bob", "root")
    }

    private func file(_ users: String...) throws {
        try folder.write("htpasswd", users.map { "\($0):\(Self.hash)\n" }.joined())
    }

    private func start(
        _ more: String = "", auth: String = "", links: String = "", issuerClaims: String = "", provider: String = "p1",
        by other: ScriptedIssuer? = nil
    ) async throws -> Latchkey {
        let openID = (other ?? issuer).provider(provider, more)
        let tokens = """
            bearer: { oidc: [ { issuer: "\(issuer.url)", name: jobs, audiences: [latchkey], anybody: true, \(issuerClaims)
              claimMapping: { username: claims.preferred_username, groups: claims.groups } } ] }
            """
        return try await Latchkey(
            configuration: { port in
                """
                http:
                  port: \(port)
                  externalURL: http://127.0.0.1:\(port)
                  auth:
                    failDelay: 0
                    throttle: { enabled: false }
                    ownerCheck: { interval: 1h }
                    htpasswd: { path: htpasswd }
                    apikey: true
                    apiKeys: { administrators: { users: [root, "zo\u{EB}"], groups: [operators] } }
                    \(auth)
                    openid: { identities: [\(links)], providers: { \(openID) } }
                    \(tokens)
                  accessControl:
                    groups: { operators: { users: [root] } }
                    adminPolicy: { users: [Karl], groups: [operators, "p1:chiefs", chiefs-here], actions: [read, create, update, delete] }
                    repositories: { "**": { policies: [{ users: ["zo\u{EB}", ci-bot, carl], actions: [read] }] } }
                storage: { rootDirectory: data }
                log: { audit: audit.log }

                """
            }, folder: folder)
    }

    private func status(_ server: Latchkey, _ query: String, _ cookie: String) async throws -> String {
        try await server.curl("/auth/verify?\(query)", "-b", cookie).status
    }

    private func isIn(_ server: Latchkey, _ login: (cookie: String, answer: String)) async throws -> Bool {
        try await server.curl("/auth/verify", "-b", login.cookie).status == "200"
    }

    private static let delete = "repository=team/app&action=delete"
    private static let read = "repository=team/app&action=read"

    /// Names that Unicode, a header field, a screen or an application takes for one of the file's.
    static let likenesses = [
        "\u{212A}arl", "karl", "KARL", "Karl ", " Karl", "Karl\u{200B}", "Ka\u{AD}rl", "Karl\u{A0}", "\u{FEFF}Karl",
        "Karl\u{2003}",
        "Karl\t", "Karl\u{202E}", "zoe\u{308}", "ZO\u{CB}", "zo\u{EB}\u{2028}", "\u{FF42}\u{FF4F}\u{FF42}", "bob\r",
        "b\u{34F}ob",
    ]

    @Test("A name that something on its way takes for another's is nobody's: not a login's, and not a token's")
    func likenesses() async throws {
        let server = try await start()
        for (number, name) in Self.likenesses.enumerated() {
            let login = try await issuer.logIn(server, ["sub": "s\(number)", "preferred_username": name])
            #expect(try await !isIn(server, login), "\(name.debugDescription): \(login)")
            let token = try await issuer.token(["preferred_username": name])
            let answer = try await server.curl("/auth/verify", "-H", "Authorization: Bearer \(token)")
            #expect(answer.status == "401", "\(name.debugDescription): \(answer)")
        }
        let other = try await issuer.logIn(server, ["sub": "other", "preferred_username": "karla"])
        #expect(try await isIn(server, other))
    }

    @Test("Two people of one provider whose names are the same in two forms have one name, which is the first one's")
    func forms() async throws {
        let server = try await start()
        let first = try await issuer.logIn(server, ["sub": "1", "preferred_username": "cafe\u{301}"])
        let second = try await issuer.logIn(server, ["sub": "2", "preferred_username": "caf\u{E9}"])
        let states = (try await isIn(server, first), try await isIn(server, second))
        #expect(states == (true, false))
        #expect(first.answer.contains("caf\u{E9}"), "the name is composed where it enters")
    }

    @Test("A subject, a claim, a group that only Unicode takes for the operator's is another one")
    func bytes() async throws {
        let server = try await start(
            "requiredClaims: { dept: [Kern] }, groupMapping: { \"K8s\": chiefs-here }, ",
            links: #"{ provider: p1, subject: "K1", user: bob }"#)
        func logIn(_ claims: [String: (any Sendable)?]) async throws -> (cookie: String, answer: String) {
            try await issuer.logIn(server, ["dept": "Kern", "preferred_username": "pat"].merging(claims) { $1 })
        }
        let linked = try await logIn(["sub": "K1"])
        #expect(linked.answer.contains(#""userName":"bob""#), "\(linked)")
        let alike = try await logIn(["sub": "\u{212A}1"])
        #expect(alike.answer.contains(#""userName":"pat""#), "\(alike)")
        let kern = try await logIn(["sub": "k2", "dept": "\u{212A}ern", "preferred_username": "kim"])
        #expect(try await !isIn(server, kern))
        let mapped = try await logIn(["sub": "g1", "preferred_username": "gil", "groups": ["K8s"]])
        #expect(try await status(server, Self.delete, mapped.cookie) == "200")
        let other = try await logIn([
            "sub": "g2", "preferred_username": "gus", "groups": ["\u{212A}8s", "K8s\u{200B}", "k8s", " K8s"],
        ])
        #expect(try await status(server, Self.delete, other.cookie) == "403")
        #expect(try folder.text("audit.log").contains("3 group(s) have names that"), "nothing is dropped silently")
    }

    @Test(
        "Groups of a provider, and of tokens, are theirs: a policy names them by whose they are, unless it is said otherwise"
    )
    func groups() async throws {
        let server = try await start()
        let stranger = try await issuer.logIn(
            server, ["sub": "1", "preferred_username": "mallory", "groups": ["operators", "p1:chiefs", "jobs:chiefs"]])
        #expect(try await isIn(server, stranger))
        #expect(stranger.answer.contains("p1:operators"), "\(stranger.answer)")
        for query in [Self.delete, "group=operators", "group=p1:chiefs", "group=chiefs"] {
            #expect(try await status(server, query, stranger.cookie) == "403", "\(query)")
        }
        #expect(try await server.curl("/auth/people?user=bob", "-b", stranger.cookie).status == "404")
        #expect(try await server.curl("/zot/auth/apikey?user=bob", "-b", stranger.cookie).status == "404")
        #expect(try await status(server, "group=p1:operators", stranger.cookie) == "200")
        let chief = try await issuer.logIn(server, ["sub": "2", "preferred_username": "chief", "groups": ["chiefs"]])
        #expect(try await status(server, Self.delete, chief.cookie) == "200")
        let headers = try await server.curl("/auth/verify", "-i", "-b", chief.cookie).body
        #expect(headers.lowercased().contains("remote-groups: p1:chiefs"), "\(headers)")
        let token = try await issuer.token(["preferred_username": "job-1", "groups": ["operators", "p1:chiefs"]])
        func ask(_ query: String) async throws -> String {
            try await server.curl("/auth/verify?\(query)", "-H", "Authorization: Bearer \(token)").status
        }
        #expect(try await ask(Self.delete) == "403")
        #expect(try await ask("group=operators") == "403")
        #expect(try await ask("group=jobs:operators") == "200")
    }

    @Test("An operator who trusts a provider's groups by their own names gets them, for this provider alone")
    func trusted() async throws {
        let server = try await start("trustGroups: true, ")
        let login = try await issuer.logIn(server, ["sub": "1", "preferred_username": "ada", "groups": ["operators"]])
        #expect(try await status(server, Self.delete, login.cookie) == "200")
        let token = try await issuer.token(["preferred_username": "job-1", "groups": ["operators"]])
        #expect(
            try await server.curl("/auth/verify?\(Self.delete)", "-H", "Authorization: Bearer \(token)").status == "403"
        )
    }

    @Test("The name of a service account, of a token and of a person is one name: whoever has it first keeps it")
    func first() async throws {
        let server = try await start()
        func serviceAccount(_ name: String) async throws -> String {
            try await server.curl(
                "/zot/auth/apikey?user=\(name)", "-u", "root:secret", "-d", #"{"expirationDate":"never"}"#
            ).status
        }
        #expect(try await serviceAccount("ci-bot") == "201")
        let taker = try await issuer.logIn(server, ["sub": "1", "preferred_username": "ci-bot"])
        #expect(try await !isIn(server, taker))
        let thief = try await issuer.token(["preferred_username": "ci-bot"])
        #expect(try await server.curl("/auth/verify", "-H", "Authorization: Bearer \(thief)").status == "401")
        let job = try await issuer.token(["preferred_username": "nightly"])
        #expect(try await server.curl("/auth/verify", "-H", "Authorization: Bearer \(job)").status == "200")
        let late = try await issuer.logIn(server, ["sub": "2", "preferred_username": "nightly"])
        #expect(try await !isIn(server, late), "a program has the name")
        #expect(try await serviceAccount("nightly") == "400")
        let person = try await issuer.logIn(server, ["sub": "3", "preferred_username": "dora"])
        #expect(try await isIn(server, person))
        #expect(try await serviceAccount("dora") == "400")
        let other = try await issuer.token(["preferred_username": "dora"])
        #expect(try await server.curl("/auth/verify", "-H", "Authorization: Bearer \(other)").status == "401")
    }

    @Test(
        "A name that the file gains later is the file's at once: sessions, keys and service accounts of that name wait until it is free"
    )
    func gained() async throws {
        let server = try await start("trustNames: true, ")
        let carl = try await issuer.logIn(server, ["sub": "1", "preferred_username": "carl"])
        let made = try await server.curl(
            "/zot/auth/apikey", "-b", carl.cookie, "-H", "X-ZOT-API-CLIENT: zot-ui", "-d", "{}")
        let key = String(try #require(made.body.firstMatch(of: #/zak_[0-9a-f]{32}/#), "\(made)").output)
        let bot = try await server.curl(
            "/zot/auth/apikey?user=bot", "-u", "root:secret", "-d", #"{"expirationDate":"never"}"#)
        let botKey = String(try #require(bot.body.firstMatch(of: #/zak_[0-9a-f]{32}/#), "\(bot)").output)
        func states() async throws -> [String] {
            [
                try await server.curl("/auth/verify", "-b", carl.cookie).status,
                try await server.curl("/auth/verify", "-u", "carl:\(key)").status,
                try await server.curl("/auth/verify", "-u", "bot:\(botKey)").status,
            ]
        }
        #expect(try await states() == ["200", "200", "200"])
        try file("Karl", "root", "carl", "bot")
        try await eventually("the file is in force") { try await states() == ["401", "401", "401"] }
        #expect(try await server.curl("/auth/verify", "-u", "carl:secret").status == "200")
        #expect(try folder.text("audit.log").contains(#""reason":"name-taken""#))
        let check = try await Latchkey.program.run(["check", "--config", folder.path("latchkey.yaml")])
        let words = "carl of openid:p1 can't come in: the htpasswd file has somebody of that name, or nearly"
        #expect(check.standardOutput.contains(words), "\(check)")
        try file("Karl", "root")
        try await eventually("the names are free again") { try await states() == ["200", "200", "200"] }
    }

    @Test("A name that only the rules have is nobody's who comes first, until the operator says whose it is")
    func reserved() async throws {
        let server = try await start()
        let check = try await Latchkey.program.run(["check", "--config", folder.path("latchkey.yaml")])
        #expect(
            check.standardOutput.contains("no source knows the user carl; whoever logs in by that name first"),
            "\(check)")
        for (number, name) in ["carl", "CARL", "ci-bot"].enumerated() {
            let login = try await issuer.logIn(server, ["sub": "\(number)", "preferred_username": name])
            #expect(try await !isIn(server, login), "\(name)")
        }
        #expect(try server.log.contains("link the person to it by identities"))
        let other = try await issuer.logIn(server, ["sub": "9", "preferred_username": "carla"])
        #expect(try await isIn(server, other))
        // Service accounts are the operator's, and so are the issuers of tokens.
        let bot = try await server.curl(
            "/zot/auth/apikey?user=ci-bot", "-u", "root:secret", "-d", #"{"expirationDate":"never"}"#)
        #expect(bot.status == "201", "\(bot)")
        let token = try await issuer.token(["preferred_username": "carl"])
        #expect(try await server.curl("/auth/verify", "-H", "Authorization: Bearer \(token)").status == "200")
    }

    @Test("A link to another spelling of a name of the file leads nobody in, and check says so")
    func linkedSpelling() async throws {
        let server = try await start(
            links: #"{ provider: p1, subject: "1", user: BOB }, { provider: p1, subject: "2", user: bob }"#)
        let check = try await Latchkey.program.run(["check", "--config", folder.path("latchkey.yaml")])
        let words = "identities names BOB, and the htpasswd file has that name in another spelling"
        #expect(check.standardOutput.contains(words), "\(check)")
        #expect(!check.standardOutput.contains("identities names bob"))
        let other = try await issuer.logIn(server, ["sub": "1", "preferred_username": "whoever"])
        #expect(try await !isIn(server, other))
        #expect(try server.log.contains("by the name as it is spelled there"))
        let same = try await issuer.logIn(server, ["sub": "2", "preferred_username": "whoever"])
        #expect(try await isIn(server, same))
    }

    @Test(
        "A link that was taken back leaves nobody its name, and a name that a link gives is nobody else's who comes first"
    )
    func reservedByLink() async throws {
        let link = #"{ provider: p1, subject: "1", user: carl }, { provider: p1, subject: "2", user: zed }"#
        let server = try await start(links: link)
        let linked = try await issuer.logIn(server, ["sub": "1", "preferred_username": "whoever"])
        #expect(try await isIn(server, linked))
        let squatter = try await issuer.logIn(server, ["sub": "3", "preferred_username": "zed"])
        #expect(try await !isIn(server, squatter), "\(squatter)")
        await server.stop()
        let without = try await start()
        let former = try await issuer.logIn(without, ["sub": "1", "preferred_username": "carl"])
        #expect(try await !isIn(without, former), "\(former)")
    }

    @Test("A link, and an operator who trusts a provider's names, give a name that only the rules have")
    func reservedLink() async throws {
        let linked = try await start(links: #"{ provider: p1, subject: "1", user: carl }"#)
        let login = try await issuer.logIn(linked, ["sub": "1", "preferred_username": "whoever"])
        #expect(try await status(linked, Self.read, login.cookie) == "200", "\(login)")
        await linked.stop()
        let trusting = try await start("trustNames: true, ")
        let bot = try await issuer.logIn(trusting, ["sub": "2", "preferred_username": "ci-bot"])
        #expect(try await status(trusting, Self.read, bot.cookie) == "200", "\(bot)")
        await trusting.stop()
        // Whoever had it before keeps it.
        let again = try await start()
        let kept = try await issuer.logIn(again, ["sub": "2", "preferred_username": "ci-bot"])
        #expect(try await status(again, Self.read, kept.cookie) == "200", "\(kept)")
    }

    @Test(
        "The newest login is in force at once, for the new session, for older ones and for keys: groups that came, groups that went, a new name"
    )
    func newest() async throws {
        let server = try await start()
        let first = try await issuer.logIn(server, ["sub": "1", "preferred_username": "gina", "groups": ["chiefs"]])
        #expect(try await status(server, Self.delete, first.cookie) == "200")
        let made = try await server.curl(
            "/zot/auth/apikey", "-b", first.cookie, "-H", "X-ZOT-API-CLIENT: zot-ui", "-d", "{}")
        let key = String(try #require(made.body.firstMatch(of: #/zak_[0-9a-f]{32}/#), "\(made)").output)
        func states(_ cookies: String...) async throws -> [String] {
            var states = [
                try await server.curl("/auth/verify?\(Self.delete)", "-H", "Authorization: Bearer \(key)").status
            ]
            for cookie in cookies { states.append(try await status(server, Self.delete, cookie)) }
            return states
        }
        #expect(try await states(first.cookie) == ["200", "200"])
        let second = try await issuer.logIn(server, ["sub": "1", "preferred_username": "gina", "groups": ["guests"]])
        #expect(try await states(first.cookie, second.cookie) == ["403", "403", "403"])
        let third = try await issuer.logIn(server, ["sub": "1", "preferred_username": "gina", "groups": ["chiefs"]])
        #expect(try await states(first.cookie, third.cookie) == ["200", "200", "200"])
        let renamed = try await issuer.logIn(server, ["sub": "1", "preferred_username": "gina-new"])
        #expect(renamed.answer.contains("gina-new"))
        for cookie in [first.cookie, renamed.cookie] {
            #expect(try await server.curl("/auth/whoami", "-b", cookie).body.contains("gina-new"))
        }
        let heir = try await issuer.logIn(server, ["sub": "2", "preferred_username": "gina"])
        #expect(heir.answer.contains(#""userName":"gina""#), "the name is free: \(heir.answer)")
        #expect(try await server.curl("/auth/whoami", "-b", first.cookie).body.contains("gina-new"))
    }

    @Test("Who is vouched for by nobody any more holds no name, and a link is the operator's word")
    func moved() async throws {
        let server = try await start()
        let old = try await issuer.logIn(server, ["sub": "dora", "preferred_username": "dora"])
        #expect(try await isIn(server, old))
        await server.stop()
        // The provider of before is replaced by another one; whoever comes is whom the operator names.
        let moved = try await start(links: "{ provider: corp, subject: dora, user: dora }", provider: "corp")
        let login = try await issuer.logIn(moved, provider: "corp", ["sub": "dora", "preferred_username": "x"])
        #expect(login.answer.contains(#""userName":"dora""#), "\(login)")
        #expect(try await !isIn(moved, old))
        await moved.stop()
        // Without the link the name is as free.
        let again = try await start(provider: "third")
        let other = try await issuer.logIn(again, provider: "third", ["sub": "9", "preferred_username": "dora"])
        #expect(try await isIn(again, other))
    }

    @Test(
        "Another issuer under the name of a provider is another provider: nothing of the old one's people is left to its own"
    )
    func newIssuer() async throws {
        let server = try await start()
        let old = try await issuer.logIn(server, ["sub": "dora", "preferred_username": "dora"])
        let made = try await server.curl(
            "/zot/auth/apikey", "-b", old.cookie, "-H", "X-ZOT-API-CLIENT: zot-ui", "-d", "{}")
        let key = String(try #require(made.body.firstMatch(of: #/zak_[0-9a-f]{32}/#), "\(made)").output)
        func works(_ server: Latchkey) async throws -> Bool {
            try await server.curl("/auth/verify", "-u", "dora:\(key)").status == "200"
        }
        #expect(try await works(server))
        await server.stop()
        let next = try await ScriptedIssuer()
        let moved = try await start(by: next)
        #expect(try await !isIn(moved, old), "its session")
        #expect(try await !works(moved), "its key")
        let other = try await next.logIn(moved, ["sub": "d2", "preferred_username": "dora"])
        #expect(other.answer.contains(#""userName":"dora""#), "the name is free: \(other)")
        let keys = try await moved.curl("/zot/auth/apikey", "-b", other.cookie, "-H", "X-ZOT-API-CLIENT: zot-ui")
        #expect(keys.body == #"{"apiKeys":[]}"#, "whoever has the name now has no key of before")
        #expect(try await !works(moved))
        await moved.stop()
        // The same subject of another issuer is nobody's that it was: a link says who it is.
        let linked = try await start(links: "{ provider: p1, subject: dora, user: emil }", by: next)
        let emil = try await next.logIn(linked, ["sub": "dora", "preferred_username": "dora"])
        #expect(emil.answer.contains(#""userName":"emil""#), "\(emil)")
        #expect(try await isIn(linked, other))
        #expect(try await !works(linked))
        #expect(try await !isIn(linked, old))
    }

    @Test("Names that differ by case, or by a form that means the same letters, are one name: the first one's")
    func alike() async throws {
        let server = try await start()
        let gina = try await issuer.logIn(server, ["sub": "1", "preferred_username": "gina"])
        #expect(try await isIn(server, gina))
        for (number, name) in ["GINA", "Gina", "\u{FF47}ina"].enumerated() {
            let other = try await issuer.logIn(server, ["sub": "other-\(number)", "preferred_username": name])
            #expect(try await !isIn(server, other), "\(name): \(other)")
        }
        func serviceAccount(_ name: String) async throws -> String {
            let query = name.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            return try await server.curl(
                "/zot/auth/apikey?user=\(query)", "-u", "root:secret", "-d", #"{"expirationDate":"never"}"#
            ).status
        }
        func token(_ name: String) async throws -> String {
            let token = try await issuer.token(["preferred_username": name])
            return try await server.curl("/auth/verify", "-H", "Authorization: Bearer \(token)").status
        }
        #expect(try await serviceAccount("Gina") == "400")
        #expect(try await isIn(server, gina))
        // Letters beyond ASCII have cases too.
        let rene = try await issuer.logIn(server, ["sub": "5", "preferred_username": "ren\u{E9}e"])
        #expect(try await isIn(server, rene))
        for (number, name) in ["REN\u{C9}E", "Rene\u{301}e", "REN\u{C9}e"].enumerated() {
            let other = try await issuer.logIn(server, ["sub": "alike-\(number)", "preferred_username": name])
            #expect(try await !isIn(server, other), "\(name): \(other)")
            #expect(try await token(name) == "401", "\(name)")
            #expect(try await serviceAccount(name) == "400", "\(name)")
        }
        #expect(try await serviceAccount("b\u{F6}t") == "201")
        #expect(try await serviceAccount("B\u{D6}T") == "400")
        #expect(try await token("B\u{D6}T") == "401")
        #expect(try await token("j\u{F6}b") == "200")
        #expect(try await token("J\u{D6}B") == "401", "another token's")
        let late = try await issuer.logIn(server, ["sub": "9", "preferred_username": "J\u{D6}B"])
        #expect(try await !isIn(server, late))
        #expect(try await isIn(server, rene))
    }

    @Test("Whoever is linked to somebody of a provider has their name and rights, and brings no groups of their own")
    func linkedGroups() async throws {
        let server = try await start("trustNames: true, ", links: "{ provider: p1, subject: other, user: gina }")
        let gina = try await issuer.logIn(
            server, ["sub": "1", "preferred_username": "gina", "groups": ["guests"]])
        #expect(try await status(server, "group=p1:guests", gina.cookie) == "200")
        let linked = try await issuer.logIn(
            server, ["sub": "other", "preferred_username": "x", "groups": ["chiefs", "operators"]])
        #expect(linked.answer.contains(#""userName":"gina""#), "\(linked)")
        #expect(try await status(server, Self.delete, linked.cookie) == "403")
        #expect(try await status(server, Self.delete, gina.cookie) == "403", "nor does she get them by it")
        #expect(try await status(server, "group=p1:guests", gina.cookie) == "200")
    }

    @Test("A service account has as many keys as its administrators make, and each is good at once and later")
    func serviceAccountKeys() async throws {
        let server = try await start()
        for _ in 0..<3 {
            let made = try await server.curl(
                "/zot/auth/apikey?user=bot", "-u", "root:secret", "-d", #"{"expirationDate":"never"}"#)
            let key = String(try #require(made.body.firstMatch(of: #/zak_[0-9a-f]{32}/#), "\(made)").output)
            #expect(try await server.curl("/auth/verify", "-u", "bot:\(key)").status == "200")
        }
    }

    @Test("Many new people at once come in: asking whether the file has their names has room for all of them")
    func atOnce() async throws {
        let server = try await start()
        let states = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<40 {
                group.addTask {
                    let token = try await issuer.token(["preferred_username": "job-\(number)"])
                    return try await server.curl("/auth/verify", "-H", "Authorization: Bearer \(token)").status == "200"
                }
            }
            return try await group.reduce(into: [Bool]()) { $0.append($1) }
        }
        #expect(states == Array(repeating: true, count: 40))
    }
}
