import AccessControl
import Credentials
import Foundation
import Testing

@Suite("Rules: what an operator grants, and to whom")
struct AccessRulesTests {
    private typealias Repositories = AccessConfiguration.Repositories
    private typealias Policy = AccessConfiguration.Policy

    private func principal(_ name: String, groups: [Group] = [], scopes: [String]? = nil) -> Principal {
        Principal(
            userName: UserName(name), groups: groups, source: .ldap,
            method: scopes.map { .apiKey(id: UUID(), scopes: $0.compactMap { Scope($0) }) } ?? .password)
    }

    private func decide(
        _ rules: AccessRules, _ principal: Principal?, _ action: Action, _ repository: String
    ) throws -> String {
        let name = try #require(RepositoryName(repository))
        return rules.decide(rules.subject(principal), RepositoryRight(action, name)).description
    }

    private var rules: AccessRules {
        get throws {
            try AccessRules(
                .init(
                    repositories: [
                        Repositories("**", defaultPolicy: .init([.read])),
                        Repositories(
                            "team/**",
                            policies: [
                                Policy(users: ["alice"], actions: .init([.read, .create])),
                                Policy(groups: ["cn=pushers,dc=x", "made"], actions: .init([.update])),
                            ], anonymousPolicy: .init([.read])),
                    ],
                    adminPolicy: Policy(users: ["root"], actions: .init([.delete])), groups: ["made": ["bob"]]))
        }
    }

    @Test("A decision says which rule it comes from")
    func reasons() throws {
        let rules = try rules
        let pushers = Group(name: "pushers", distinguishedName: "CN=Pushers, DC=X")
        #expect(
            try decide(rules, principal("alice"), .create, "team/a") == "allowed: a policy of `team/**` names alice")
        #expect(
            try decide(rules, principal("carol", groups: [pushers]), .update, "team")
                == "allowed: a policy of `team/**` names the group cn=pushers,dc=x")
        #expect(
            try decide(rules, principal("bob"), .update, "team")
                == "allowed: a policy of `team/**` names the group made")
        #expect(try decide(rules, principal("carol"), .read, "x") == "allowed: the defaultPolicy of `**`")
        #expect(try decide(rules, nil, .read, "team/a") == "allowed: the anonymousPolicy of `team/**`")
        #expect(try decide(rules, principal("root"), .delete, "team/a") == "allowed: the adminPolicy")
        #expect(
            try decide(rules, principal("alice"), .delete, "team/a")
                == "denied: no policy of `team/**` grants `delete` to alice")
        // The longest pattern counts alone, and what is for anonymous is for nobody else.
        #expect(
            try decide(rules, principal("carol"), .read, "team/a")
                == "denied: no policy of `team/**` grants `read` to carol")
        #expect(try decide(rules, nil, .read, "x") == "denied: no policy of `**` grants `read` to nobody in particular")
        #expect(
            try decide(rules, principal("alice", scopes: ["other", "team/**:read"]), .create, "team/a")
                == "denied: no scope of the key (other team/**:read) leaves `create` on `team/a` to it")
        #expect(
            try decide(rules, principal("alice", scopes: ["team/**:read"]), .read, "team/a").hasPrefix("allowed"))
        // A scope takes away from an administrator too, and gives nobody anything.
        #expect(try decide(rules, principal("root", scopes: ["x"]), .delete, "team/a").hasPrefix("denied: no scope"))
        #expect(try decide(rules, principal("carol", scopes: ["**"]), .delete, "x").hasPrefix("denied: no policy"))
    }

    @Test("Where no pattern takes a repository, only an administrator may anything")
    func noPattern() throws {
        let rules = try AccessRules(
            .init(
                repositories: [Repositories("a", defaultPolicy: .all)],
                adminPolicy: Policy(users: ["root"], actions: .init([.read]))))
        #expect(try decide(rules, principal("root"), .read, "b") == "allowed: the adminPolicy")
        #expect(try decide(rules, principal("alice"), .read, "b").hasPrefix("denied: no pattern"))
        #expect(try decide(AccessRules(.init()), principal("alice"), .read, "b").hasPrefix("denied"))
    }

    @Test(
        "Without access control whoever has shown who they are may what their key's scopes leave, and nobody else anything"
    )
    func open() throws {
        #expect(try decide(.open, principal("alice"), .delete, "a") == "allowed: there is no access control")
        #expect(try decide(.open, principal("alice", scopes: ["b"]), .read, "a").hasPrefix("denied: no scope"))
        #expect(try decide(.open, nil, .read, "a") == "denied: nobody is let in without a credential")
        #expect(!AccessRules.open.letsAnonymousIn)
    }

    @Test("All rights of a request are needed: whoever mounts a blob reads its source")
    func several() throws {
        let rules = try AccessRules(
            .init(repositories: [
                Repositories("a", defaultPolicy: .init([.create])), Repositories("bb", defaultPolicy: .init([.read])),
            ]))
        let digest = "sha256:" + String(repeating: "0", count: 64)
        func isAllowed(_ method: String, _ target: String, _ scopes: [String]? = nil) throws -> Bool {
            let request = try RegistryRequest(method: method, target: target)
            return rules.decide(rules.subject(principal("alice", scopes: scopes)), request).isAllowed
        }
        #expect(try isAllowed("POST", "/v2/a/blobs/uploads/?mount=\(digest)&from=bb"))
        #expect(try !isAllowed("POST", "/v2/a/blobs/uploads/?mount=\(digest)&from=a"))
        #expect(try !isAllowed("POST", "/v2/a/blobs/uploads/?mount=\(digest)&from=bb", ["a"]))
        #expect(try isAllowed("POST", "/v2/a/blobs/uploads/?mount=\(digest)&from=bb", ["a", "bb:read"]))
        #expect(try isAllowed("PUT", "/v2/a/manifests/\(digest)") && !isAllowed("PUT", "/v2/a/manifests/latest"))
    }

    @Test("The catalog is for administrators and for those who may read everything")
    func catalog() throws {
        let rules = try rules
        let all = try AccessRules(
            .init(repositories: [
                Repositories("**", defaultPolicy: .init([.read])), Repositories("a/**", defaultPolicy: .init([.read])),
            ]))
        func isAllowed(_ rules: AccessRules, _ principal: Principal?) -> Bool {
            rules.decide(rules.subject(principal), .catalog).isAllowed
        }
        #expect(isAllowed(rules, principal("root")) && !isAllowed(rules, principal("carol")) && !isAllowed(rules, nil))
        #expect(isAllowed(all, principal("alice")) && !isAllowed(all, nil))
        #expect(
            !isAllowed(all, principal("alice", scopes: ["a"]))
                && isAllowed(all, principal("alice", scopes: ["**:read"])))
        #expect(
            !isAllowed(all, principal("alice", scopes: ["*:read"])) && isAllowed(all, principal("alice", scopes: ["*"]))
        )
        #expect(isAllowed(.open, principal("alice")) && !isAllowed(.open, nil))
        #expect(!isAllowed(.open, principal("alice", scopes: ["a"])))
    }

    @Test("A key with scopes is good only where the resource is known, or where it is known that there is none")
    func unknownResource() throws {
        let rules = try rules
        for (scopes, isGood) in [(nil, true), ([], true), (["*"], true), (["**"], false), (["team/**"], false)]
            as [([String]?, Bool)]
        {
            let subject = rules.subject(principal("alice", scopes: scopes))
            #expect(rules.decideUnknownResource(subject).isAllowed == isGood, "\(scopes ?? [])")
            #expect(rules.decideLogin(subject).isAllowed)
        }
        #expect(!rules.decideUnknownResource(rules.subject(nil)).isAllowed)
        // Somebody may read something without a credential.
        #expect(
            rules.decideLogin(rules.subject(nil)).isAllowed
                && !AccessRules.open.decideLogin(rules.subject(nil)).isAllowed)
    }

    @Test("A directory's groups are meant by DN, by short name or by both, as the operator says")
    func groupNames() throws {
        let (dn, other) = ("cn=admins,ou=groups,dc=x", "cn=admins,ou=projects,dc=x")
        for (mode, name, admitted) in [
            (.dn, dn, [true, false, false]), (.dn, "admins", [false, false, true]),
            (.short, "Admins", [true, true, false]), (.short, "admins", [true, true, true]),
            (.short, dn, [false, false, false]), (.both, "admins", [true, true, true]),
            (.both, dn, [true, false, false]),
        ] as [(AccessConfiguration.GroupNames, String, [Bool])] {
            let rules = try AccessRules(
                .init(
                    repositories: [Repositories("**", policies: [Policy(groups: [GroupName(name)], actions: .all)])],
                    groupNames: mode))
            let groups = [
                Group(name: "admins", distinguishedName: dn), Group(name: "admins", distinguishedName: other),
                Group(name: "admins"),
            ]
            for (group, isIn) in zip(groups, admitted) {
                let decision = try decide(rules, principal("u", groups: [group]), .read, "a")
                #expect(decision.hasPrefix(isIn ? "allowed" : "denied"), "\(mode) \(name) \(group)")
            }
        }
    }

    @Test("Patterns that are none, and ties, are refused with the pattern's text")
    func problems() {
        func problem(_ patterns: String...) -> AccessProblem? {
            do {
                _ = try AccessRules(.init(repositories: patterns.map { Repositories($0) }))
                return nil
            } catch { return error }
        }
        #expect(problem("a[")?.pattern == "a[")
        #expect(problem("team/*", "team/a") != nil && problem("team/*", "team/app", "teams/*") == nil)
        #expect(problem("a/*", "*/b")?.description.contains("as long as") == true)
        #expect(problem("a", "b", "c/**", "d/**") == nil)
        #expect(problem("a", "a") != nil)
        #expect(problem("{a,b}", "[abc]") != nil)
    }
}

@Suite("Scopes of keys")
struct KeyScopeTests {
    @Test(
        "What can't match anything is refused, with the reason",
        arguments: [
            ("Team/*", "can't match"), ("a/", "can't match"), ("repo:", "names no action"),
            ("repo:pull", "names no action"),
            ("repo:read,", "names no action"), (":read", "empty"), ("a[", "["), ("a:b:read", "names no action"),
            (" ", "can't match"),
        ])
    func refused(text: String, reason: String) throws {
        let scope = try #require(Scope(text))
        do {
            _ = try KeyScope(scope)
            Issue.record("\(text) is a scope")
        } catch {
            #expect(error.description.contains(reason), "\(text): \(error)")
        }
    }

    @Test("Actions are named without regard to case, and limit the scope")
    func actions() throws {
        let name = try #require(RepositoryName("team/app"))
        let scopes = KeyScopes([try #require(Scope("team/**:READ,create"))])
        #expect(scopes.allow(.read, on: name) && scopes.allow(.create, on: name) && !scopes.allow(.delete, on: name))
    }

    @Test("A scope that can't be read matches nothing, and never opens what the others close")
    func unreadable() throws {
        let name = try #require(RepositoryName("app"))
        let broken = KeyScopes([Scope(stored: "app["), Scope(stored: ""), Scope(stored: "\u{1}")])
        #expect(!broken.isUnlimited && broken.problems.count == 3 && !broken.allow(.read, on: name))
        #expect(KeyScopes([Scope(stored: "")]).isUnlimited == false)
    }
}
