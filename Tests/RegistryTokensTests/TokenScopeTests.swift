import AccessControl
import Credentials
import Foundation
import TestSupport
import Testing

@testable import RegistryTokens

@Suite("Scopes of registry tokens, and what of them is granted")
struct TokenScopeTests {
    @Test("A scope is read as Distribution writes it, and nothing else is one")
    func reading() throws {
        let plain = try #require(TokenScope("repository:team/app:pull,push"))
        #expect(plain.type == "repository" && plain.name == "team/app" && plain.actions == ["pull", "push"])
        #expect(plain.classification == nil && plain.resource == RepositoryName("team/app").map { .repository($0) })
        let plugin = try #require(TokenScope("repository(plugin):a:pull"))
        #expect(plugin.type == "repository" && plugin.classification == "plugin")
        #expect(TokenScope("registry:catalog:*")?.resource == .catalog)
        for (text, name) in [
            ("repository:host:5000/a:pull", "host:5000/a"), ("repository:A:pull", "A"), ("x:y:z", "y"),
        ] {
            let scope = try #require(TokenScope(text))
            #expect(scope.name == name && scope.resource == .other, "\(text)")
        }
        for text in [
            "", ":", "::", "a:b", "repository::pull", "repository:a:", "repository:a:,", ":a:pull", "Repo:a:pull",
            "re po:a:b",
        ] {
            #expect(TokenScope(text) == nil, "\(text)")
        }
    }

    private func granted(_ scopes: [String], _ principal: Principal?, _ rules: AccessRules) -> [String] {
        TokenAccess.granted(scopes.compactMap { TokenScope($0) }, to: rules.subject(principal), by: rules).map {
            "\($0.name):\($0.actions.joined(separator: ","))"
        }
    }

    @Test("What is granted is what was asked, what the policy grants, and what the key's scopes leave, together")
    func intersection() throws {
        let rules = try AccessRules(
            .init(repositories: [
                .init("team/**", policies: [.init(users: ["alice"], actions: .all)], defaultPolicy: ActionSet([.read])),
                .init("moves/**", defaultPolicy: ActionSet([.read, .create])),
                .init("public/**", defaultPolicy: ActionSet([.read]), anonymousPolicy: ActionSet([.read])),
            ]))
        let alice = Principal(userName: "alice", source: .htpasswd)
        let bob = Principal(userName: "bob", source: .htpasswd)
        let key = alice.authenticated(by: .apiKey(id: UUID(), scopes: [Scope(stored: "team/app:read,create")]))
        #expect(granted(["repository:team/app:pull,push"], alice, rules) == ["team/app:pull,push"])
        #expect(granted(["repository:team/app:*"], alice, rules) == ["team/app:pull,push,delete,*"])
        #expect(granted(["repository:team/app:pull,push,*"], bob, rules) == ["team/app:pull"])
        #expect(granted(["repository:moves/a:pull,push"], bob, rules) == ["moves/a:pull"], "a push may move a tag")
        #expect(granted(["repository:team/app:push,pull"], key, rules) == ["team/app:pull"])
        #expect(granted(["repository:team/b:pull"], key, rules) == [])
        #expect(granted(["repository:public/a:pull,push"], nil, rules) == ["public/a:pull"])
        #expect(granted(["repository:team/app:pull"], nil, rules) == [])
        #expect(
            granted(["repository:team/app:pull,pull,frob", "repository:public/x:pull", "x:y:z"], alice, rules)
                == ["team/app:pull", "public/x:pull"])
        #expect(
            granted(["registry:catalog:*"], bob, rules) == []
                && granted(["registry:catalog:*"], bob, .open) == ["catalog:*"])
        #expect(granted(["repository:a:pull"], nil, .open) == [])
    }

    @Test("No text of a scope crashes its reader, and a scope that is read is written as it was")
    func fuzz() {
        var random = Seeded.announced()
        for _ in 0..<20_000 {
            let text = String(
                (0..<Int.random(in: 0...20, using: &random)).map { _ in
                    "ab:,()*/ é0".randomElement(using: &random) ?? "a"
                })
            guard let scope = TokenScope(text) else { continue }
            let type = scope.type + (scope.classification.map { "(\($0))" } ?? "")
            #expect(text.hasPrefix("\(type):\(scope.name):"))
        }
    }
}
