import Credentials
import Foundation
import TestSupport
import Testing

@testable import AccessControl

/// What users write in the scopes of their keys costs little, however it is written. Work is counted in steps, not in time: a machine may be slow.
@Suite("The cost of scopes")
struct ScopeCostTests {
    private func problem(_ texts: [String]) -> String? {
        do {
            try ScopeLimits.check(texts.map { Scope(stored: $0) })
            return nil
        } catch {
            return error.description
        }
    }

    @Test("A key has so many scopes, each so long, and all together no more than that")
    func limits() {
        #expect(problem([]) == nil)
        #expect(problem(Array(repeating: "a", count: 32)) == nil)
        #expect(problem(Array(repeating: "a", count: 33))?.contains("at most 32") == true)
        #expect(problem([String(repeating: "a", count: 255)]) == nil)
        #expect(problem([String(repeating: "*a", count: 129)])?.contains("256 bytes") == true)
        let long = String(repeating: "*a", count: 128)
        #expect(problem(Array(repeating: long, count: 8)) == nil)
        #expect(problem(Array(repeating: long, count: 9))?.contains("2048 bytes together") == true)
        let braces = "{a,b}{a,b}{a,b}{a,b}{a,b}/" + String(repeating: "*x", count: 40)
        #expect(problem([braces])?.contains("2048 bytes together") == true, "braces count as what they stand for")
        #expect(problem(["ok", "a["])?.contains("'a['") == true)
        #expect(problem(["ok", "Team"])?.contains("can't match") == true)
    }

    /// Patterns that take long to compare with names, each of at most 256 bytes.
    private static let hard = [
        String(repeating: "*a", count: 128), "*" + String(repeating: "a", count: 127) + "b*",
        String(repeating: "**/*a*/", count: 36) + "b",
        String(repeating: "?", count: 120) + "*" + String(repeating: "[a-z]", count: 20),
        "**/" + String(repeating: "*a/", count: 80) + "b",
    ]

    @Test("One name costs a key with the hardest scopes that may be made a part of what a request may spend")
    func name() throws {
        let names = [
            String(repeating: "a", count: 255), (0..<128).map { _ in "a" }.joined(separator: "/"),
            String(repeating: "ab", count: 127),
        ]
        for pattern in Self.hard {
            let scope = try KeyScope(reading: Scope(stored: pattern))
            for name in names {
                let name = try #require(RepositoryName(name))
                var effort = MatchEffort(MatchEffort.perRequest / 8)
                _ = scope.actions(of: .all, on: name, &effort)
                #expect(!effort.isSpent, "\(pattern) \(name)")
            }
        }
    }

    @Test("A request that names more than its key can be compared with gets what was compared, and no more")
    func request() throws {
        let texts = Array(repeating: "*" + String(repeating: "a", count: 127) + "b", count: 8) + ["ok/**"]
        let method = AuthenticationMethod.apiKey(id: UUID(), scopes: texts.map { Scope(stored: $0) })
        let subject = AccessRules.open.subject(Principal(userName: "alice", source: .ldap, method: method))
        let hard = try (0..<100).map {
            RepositoryRight(.read, try #require(RepositoryName(String(repeating: "a", count: 200) + "\($0)")))
        }
        let easy = RepositoryRight(.read, try #require(RepositoryName("ok/a")))
        #expect(AccessRules.open.decide(subject, easy).isAllowed)
        let decisions = AccessRules.open.decide(subject, [easy] + hard + [easy])
        #expect(decisions.count == 102 && decisions[0].isAllowed)
        #expect(decisions[101].isAllowed, "what is known is not compared again")
        #expect(decisions[1...100].allSatisfy { !$0.isAllowed })
        guard case .denied(let denial) = decisions[100] else { return }
        #expect(denial.cause == .effort, "\(denial)")
        #expect(!AccessRules.open.decide(subject, .rights(hard + [easy])).isAllowed)
    }

    @Test("What many scopes of a stored key have behind a limit matches nothing, and says so")
    func stored() throws {
        let braces = "{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}/" + String(repeating: "x", count: 100)
        let stars = String(repeating: "*a", count: 250)
        let hard = KeyScopes(
            [Scope(stored: braces), Scope(stored: braces)] + Array(repeating: Scope(stored: stars), count: 7)
                + [Scope(stored: "app")])
        let name = try #require(RepositoryName("app"))
        #expect(!hard.allow(.read, on: name))
        #expect(hard.problems.last?.problem.description.contains("too long") == true, "\(hard.problems)")
        let many = KeyScopes((0..<600).map { Scope(stored: "app\($0)") })
        let last = try #require(RepositoryName("app599"))
        #expect(many.problems.isEmpty && many.allow(.read, on: last))
    }

    @Test("A thought about what lies within what ends, however hard the patterns are")
    func thought() throws {
        let own = try Glob("**/*a*/**/*b*/**/*c*/**/*d*")
        let others = try ["*a*/**", "**/*b*/**", "**/*c*", "*d*/**/*e*/**"].map { try Glob($0) }
        var effort = MatchEffort(Glob.usualThought)
        _ = own.isWithin(others, &effort)
        var little = MatchEffort(50)
        let unfinished = own.isWithin(others, &little)
        #expect(unfinished == nil)
        let team = try Glob("team/**")
        #expect(try Glob("team/**/*a*b*/**/*c*").isWithin([team]) == true, "seen at a glance")
        var none = MatchEffort(0)
        let atAGlance = try Glob("{team/a,team/b/**}").isWithin([try Glob("x"), try Glob("team/**")], &none)
        #expect(atAGlance == true)
    }

    @Test("What is seen at a glance, and what is found by a search, is what trying many names says")
    func inclusion() throws {
        var random = Seeded.announced()
        let names = try Names.all(upTo: 4).map { try #require(RepositoryName($0)) }
        var (within, without) = (0, 0)
        for _ in 0..<1500 {
            guard let own = try? Glob(Names.pattern(&random)) else { continue }
            let others = (0..<Int.random(in: 1...3, using: &random)).compactMap { _ in
                try? Glob(Names.pattern(&random))
            }
            let isWithin = own.isWithin(others)
            let taken = names.filter { own.matches($0) }
            let isCovered = taken.allSatisfy { name in others.contains { $0.matches(name) } }
            if isWithin == true {
                #expect(isCovered, "\(own) \(others)")
                within += taken.isEmpty ? 0 : 1
            } else if !isCovered {
                #expect(isWithin == false, "\(own) \(others)")
                without += 1
            }
        }
        #expect(within > 20 && without > 20)
    }
}
