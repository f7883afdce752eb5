import Foundation
import TestSupport
import Testing

@Suite("latchkey access and latchkey check: rights, from outside")
struct AccessCommandTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\nbob:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        try folder.write("groups", "staff: amy bob\n")
    }

    private func run(_ command: [String], _ access: String, auth: String = "") async throws -> Program.Output {
        let auth = auth.isEmpty ? "htpasswd: { path: htpasswd, groups: groups }" : auth
        let file = try folder.write("c.yaml", "http:\n  auth: { \(auth) }\n  accessControl:\n    \(access)\n")
        return try await Latchkey.program.run(
            [command[0], "--config", file] + command.dropFirst(), folder: folder.root)
    }

    private static let access = """
        { repositories: { '**': { defaultPolicy: [read] },
            'team/**': { policies: [ { users: [amy], actions: [read, create] }, { groups: [staff], actions: [update] } ],
                         anonymousPolicy: [read] } },
          adminPolicy: { groups: [roots], actions: [delete] }, groups: { roots: { users: [bob] } } }
        """

    @Test("Each rule has its line, the decision is the last one, and the exit status is the answer")
    func explains() async throws {
        let allowed = try await run(["access", "amy", "create", "team/app"], Self.access)
        #expect(allowed.status == 0, "\(allowed)")
        let lines = allowed.standardOutput.split(separator: "\n")
        #expect(lines.last == "allowed: a policy of `team/**` names amy")
        for line in [
            "source: htpasswd knows amy, groups: staff", "scopes: none, all that the owner may is left",
            "pattern `team/**`: takes it and counts", "  policies[0]: names amy, grants it",
            "  policies[1]: names the group staff, does not grant `create`",
            "pattern `**`: takes it, but a longer one counts",
            "  anonymousPolicy: does not apply", "adminPolicy: does not apply",
        ] {
            #expect(lines.contains(line[...]), "\(line): \(allowed.standardOutput)")
        }
        let denied = try await run(["access", "amy", "delete", "team/app"], Self.access)
        #expect(
            denied.status == 1 && denied.standardOutput.hasSuffix("no policy of `team/**` grants `delete` to amy\n"))
        let admin = try await run(["access", "bob", "delete", "x"], Self.access)
        #expect(admin.status == 0 && admin.standardOutput.contains("in the groups of accessControl: roots"))
        let scoped = try await run(["access", "amy", "create", "team/app", "--key-scope", "team/**:read"], Self.access)
        #expect(
            scoped.status == 1
                && scoped.standardOutput.contains("scope 'team/**:read': does not leave create on team/app"))
        let broken = try await run(["access", "amy", "read", "x", "--key-scope", "a["], Self.access)
        #expect(
            broken.status == 1 && broken.standardOutput.contains("scope 'a[': matches nothing, as it has a [ without"))
        let nobody = try await run(["access", "", "read", "team/app"], Self.access)
        #expect(nobody.status == 0 && nobody.standardOutput.contains("the anonymousPolicy of `team/**`"))
        let json = try await run(["access", "--json", "amy", "read", "x"], Self.access)
        #expect(json.standardOutput.contains(#"{"what":"rule","text":"allowed: the defaultPolicy of `**`"}"#))
    }

    @Test("Somebody unknown, an action and a repository that are none end with a sentence")
    func unknown() async throws {
        let stranger = try await run(["access", "eve", "read", "x"], Self.access)
        #expect(stranger.status == 1 && stranger.standardOutput.contains("htpasswd does not know 'eve'"))
        #expect(try await run(["access", "amy", "pull", "x"], Self.access).status == 2)
        let upper = try await run(["access", "amy", "read", "X"], Self.access)
        #expect(upper.status == 2 && upper.standardError.contains("'X'"))
    }

    @Test(
        "What can't be honoured in accessControl is refused with its place",
        arguments: [
            ("{ repositories: { 'a[': {} } }", "has a [ without its ]"),
            ("{ repositories: { 'a/*': {}, '*/b': {} } }", "is as long as"),
            (
                "{ repositories: { a: { policies: [ { users: [x], actions: [pull] } ] } } }",
                "policies[0].actions must be some of"
            ),
            (
                "{ repositories: { a: { policies: [ { users: [x], actions: [read], conditions: [ { expression: 'true' } ] } ] } } }",
                "conditions can't be honoured"
            ),
            ("{ repositories: { a: { defaultPolicies: [read] } } }", "did you mean 'defaultPolicy'"),
            ("{ groupNames: long }", "must be dn, short or both"),
            ("{ repositories: { a: { policies: { users: [x] } } } }", "must be a list"),
            ("{ repositories: { a: {}, a: {} } }", "c.yaml"),
        ])
    func refused(access: String, message: String) async throws {
        let output = try await run(["check"], access)
        #expect(output.status == 2 && output.standardOutput.contains(message), "\(output)")
        #expect(output.standardOutput.contains("c.yaml:"), "\(output)")
    }

    @Test(
        "What check warns of without asking anybody the start says too, once, and a reload that changes it says the new"
    )
    func startWarns() async throws {
        let rules = "'/repo1/**': { defaultPolicy: [read] }, 'Repo1/**': { defaultPolicy: [read] }, 'a/**': {}"
        let (port, folder) = (try Ports.free(), folder)
        func configuration(_ rules: String) -> String {
            """
            http: { port: \(port), auth: { htpasswd: { path: htpasswd } }, accessControl: { repositories: { \(rules) } } }
            """
        }
        let server = try await Latchkey(configuration: { _ in configuration(rules) }, folder: folder, port: port)
        let checked = try await Latchkey.program.run(
            ["check", "--config", folder.path("latchkey.yaml")], folder: folder.root
        ).standardOutput
        let notes = checked.split(separator: "\n").compactMap {
            $0.split(separator: "access: note: ").last.map(String.init)
        }
        .filter { $0.contains("`") }
        #expect(notes.count == 3, "\(checked)")
        try await eventually("the warnings are in the log") {
            let log = try server.log
            return notes.allSatisfy { log.contains($0) }
        }
        server.signal(SIGHUP)
        try await eventually("it was read again") { try server.log.contains("is in force") }
        try folder.write("latchkey.yaml", configuration("'b/**': {}"))
        try await eventually("the new one is warned of") { try server.log.contains("`b/**` grants nothing") }
        let log = try server.log
        for note in notes { #expect(log.components(separatedBy: note).count == 2, "\(note): once") }
        #expect(await server.stop() == 0)
    }

    @Test("check says what each group means, and warns of what can never apply")
    func warns() async throws {
        let output = try await run(
            ["check"],
            """
            { repositories: { 'team/*': { defaultPolicy: [read] }, 'team/**': { policies: [
                { users: [ghost], actions: [read] }, { groups: [staff, nowhere], actions: [read] },
                { actions: [read] }, { users: ['*'], actions: [] } ] }, 'Team/x': { defaultPolicy: [read] }, 'empty': {} },
              adminPolicy: { groups: [roots], actions: [delete] }, groups: { roots: { users: [bob] }, void: { users: [] } } }
            """)
        #expect(output.status == 0)
        for line in [
            "access: ok: 4 pattern(s)", "access: ok: group roots is accessControl.groups: bob",
            "access: ok: group staff is the group file: amy, bob", "access: note: group nowhere is nowhere",
            "access: note: `team/*` never counts: longer patterns take all that it takes: `team/**`",
            "access: note: no source knows the user ghost",
            "access: note: `team/**`, policies[2] grants nobody anything",
            "access: note: `team/**`, policies[3] grants nothing: it has no actions",
            "access: note: `team/**`, policies[3]: * is no wildcard",
            "access: note: `Team/x` can't match any repository",
            "access: note: `empty` grants nothing", "access: note: the group void of accessControl has no users",
        ] {
            #expect(output.standardOutput.contains(line), "\(line)\n\(output.standardOutput)")
        }
    }

    @Test("check says what a provider's and a token's groups mean: whose they are, and what they are called here")
    func providersGroups() async throws {
        // Nobody answers there: what the groups mean says the configuration.
        let provider = #"issuer: "http://127.0.0.1:9", clientid: x, clientsecret: x"#
        try folder.write(
            "c.yaml",
            """
            http:
              auth:
                htpasswd: { path: htpasswd }
                apikey: true
                apiKeys: { administrators: { groups: ["corp:platform"] } }
                openid: { providers: {
                  corp: { \(provider), groupMapping: { admins: operators, roots: operators } },
                  ours: { \(provider), trustGroups: true } } }
                bearer: { oidc: [{ issuer: "http://127.0.0.1:9", name: jobs, audiences: [x], anybody: true }] }
              accessControl:
                adminPolicy: { groups: [operators, "corp:chiefs", "corp:admins", "corp:mine", "jobs:deploy", "other:x"], actions: [read] }
                groups: { operators: { users: [bob] }, "corp:mine": { users: [bob] } }
            storage: { rootDirectory: data }
            """)
        let output = try await Latchkey.program.run(["check", "--config", folder.path("c.yaml")])
        for line in [
            "access: ok: group operators is admins, roots of corp; what ours calls so (trustGroups); accessControl.groups: bob",
            "access: ok: group corp:chiefs is what corp calls chiefs",
            "access: ok: group corp:platform is what corp calls platform",
            "access: note: group corp:admins never applies: what corp calls admins is operators here",
            "access: note: group corp:mine of accessControl.groups never applies: the name is that of a group of corp",
            "access: ok: group jobs:deploy is what jobs calls deploy",
            "access: ok: group other:x is what ours calls so (trustGroups)",
        ] {
            #expect(output.standardOutput.contains(line + "\n"), "\(line)\n\(output)")
        }
    }

    @Test("A directory's groups are looked up as groupNames says, and a slip in that is named")
    func directory() async throws {
        let slapd = try await Slapd()
        let auth = """
            ldap: { urls: ['\(slapd.url)'], startTLS: false, insecure: true, baseDN: 'ou=Users,dc=example,dc=org', userAttribute: uid,
              bindDN: 'cn=latchkey,dc=example,dc=org', bindPasswordEnv: PW, userGroupAttribute: memberOf,
              groups: { baseDN: 'ou=Groups,dc=example,dc=org' } }
            """
        let dn = "cn=admins,ou=Groups,dc=example,dc=org"
        func check(_ mode: String) async throws -> String {
            let access = """
                { groupNames: \(mode), repositories: { '**': { policies: [
                    { users: [Alice], groups: ['\(dn)', admins, 'cn=none,dc=example,dc=org'], actions: [read] } ] } } }
                """
            let file = try folder.write("c.yaml", "http:\n  auth: { \(auth) }\n  accessControl:\n    \(access)\n")
            return try await Program(path: "/usr/bin/env").run(
                ["PW=service-password", Latchkey.program.path, "check", "--config", file], folder: folder.root
            ).standardOutput
        }
        let byName = try await check("dn")
        for line in [
            "access: ok: group \(dn) is the directory: \(dn)", "access: note: group admins is nowhere",
            "write its whole DN",
            "access: note: group cn=none,dc=example,dc=org is nowhere",
            "access: note: user Alice is called alice in the directory",
        ] {
            #expect(byName.contains(line), "\(line)\n\(byName)")
        }
        let short = try await check("short")
        #expect(short.contains("access: ok: group admins is the directory: \(dn)"), "\(short)")
        #expect(
            short.contains("access: note: group \(dn) is nowhere") && short.contains("write the name alone"), "\(short)"
        )
    }
}
