import AccessControl
import Credentials
import Foundation
import TestSupport
import Testing

@Suite("The decision against a model that was written from docs/access.md")
struct AccessModelTests {
    private static let groups = [
        Group(name: "g1"), Group(name: "g2"), Group(name: "G1"), Group(name: "Push", distinguishedName: "cn=push,dc=x"),
        Group(name: "push", distinguishedName: "cn=push,dc=y"), Group(name: "g1", distinguishedName: "cn=g1,dc=x"),
        Group(name: "g1", of: "corp"), Group(name: "g2", of: "hub"), Group(name: "corp:g1"),
        Group(name: "hub:g2", distinguishedName: "cn=hub:g2,dc=x"),
    ]
    private static let groupNames: [GroupName] = [
        "corp:g1", "hub:g2", "hub:g1",
        "g1", "g2", "G1", "push", "PUSH", "cn=push,dc=x", "CN=Push, DC=X", "cn=g1,dc=x", "made", "nobody",
    ]
    private static let users: [UserName] = ["alice", "Alice", "bob", "*"]

    private func actions(_ random: inout Seeded) -> ActionSet {
        ActionSet(Action.allCases.filter { _ in Int.random(in: 0..<3, using: &random) == 0 })
    }

    private func some<T>(_ all: [T], _ random: inout Seeded) -> [T] {
        all.filter { _ in Int.random(in: 0..<4, using: &random) == 0 }
    }

    private func policy(_ random: inout Seeded) -> AccessConfiguration.Policy {
        .init(users: some(Self.users, &random), groups: some(Self.groupNames, &random), actions: actions(&random))
    }

    private func configuration(_ random: inout Seeded) -> AccessConfiguration {
        var configuration = AccessConfiguration(
            groups: ["made": some(Self.users, &random), "g2": some(Self.users, &random)],
            groupNames: AccessConfiguration.GroupNames.allCases.randomElement(using: &random) ?? .dn,
            authorities: [[], ["corp"], ["corp", "hub"]].randomElement(using: &random) ?? [])
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            configuration.repositories.append(
                .init(
                    Names.pattern(&random),
                    policies: (0..<Int.random(in: 0...2, using: &random)).map { _ in policy(&random) },
                    defaultPolicy: Bool.random(using: &random) ? [] : actions(&random),
                    anonymousPolicy: Bool.random(using: &random) ? [] : actions(&random)))
        }
        if Bool.random(using: &random) { configuration.adminPolicy = policy(&random) }
        return configuration
    }

    private func principal(_ random: inout Seeded) -> Principal? {
        guard Int.random(in: 0..<6, using: &random) > 0 else { return nil }
        var method = AuthenticationMethod.password
        if Bool.random(using: &random) {
            let scopes = (0..<Int.random(in: 0...2, using: &random)).compactMap { _ -> Scope? in
                let actions =
                    Bool.random(using: &random) ? "" : [":read", ":create,delete"].randomElement(using: &random)
                let text = Names.pattern(&random) + (actions ?? "")
                // The model knows no patterns that are none.
                guard let scope = Scope(text), (try? KeyScope(scope)) != nil else { return nil }
                return scope
            }
            method = .apiKey(id: UUID(), scopes: scopes)
        }
        return Principal(
            userName: Self.users.randomElement(using: &random) ?? "", groups: some(Self.groups, &random), source: .ldap,
            method: method)
    }

    /// On threads of low priority: other tests must not wait for it.
    @Test("A million random configurations, principals and requests come to the same")
    func agreement() async throws {
        let lane = WorkLane(name: "model", threads: 2, maximumQueued: 2, priority: .low)
        defer { lane.stop() }
        let seeds = Seeded.announced().split(2)
        try await withThrowingTaskGroup(of: [String].self) { group in
            for seed in seeds { group.addTask { try await lane.run { disagreements(500_000, seed) } } }
            for try await found in group { for text in found { Issue.record("\(text)") } }
        }
    }

    /// - Returns: the first disagreement, and what is odd about the whole.
    private func disagreements(_ count: Int, _ seed: Seeded) -> [String] {
        var random = seed
        let names = Names.all(upTo: 4).compactMap { RepositoryName($0) }
        var (decisions, allowed, refused) = (0, 0, 0)
        while decisions < count {
            let configuration = configuration(&random)
            let rules: AccessRules
            do {
                rules = try AccessRules(configuration)
            } catch {
                refused += 1
                continue
            }
            let model = AccessModel(configuration: configuration)
            for _ in 0..<10 {
                let principal = principal(&random)
                let subject = rules.subject(principal)
                for _ in 0..<25 {
                    guard let name = names.randomElement(using: &random),
                        let action = Action.allCases.randomElement(using: &random)
                    else { return [] }
                    let decision = rules.decide(subject, RepositoryRight(action, name))
                    decisions += 1
                    if decision.isAllowed { allowed += 1 }
                    guard decision.isAllowed == model.allows(principal, action, name.text) else {
                        return ["\(decision); \(configuration); \(String(describing: principal))"]
                    }
                }
            }
        }
        // Neither side says the same to everything.
        let isVaried = allowed > decisions / 20 && allowed < decisions * 9 / 10 && refused > 0
        return isVaried ? [] : ["\(allowed) of \(decisions) allowed, \(refused) configurations refused"]
    }

    @Test("The matcher of globs agrees with the model's on a hundred thousand patterns and names")
    func globs() throws {
        var random = Seeded.announced()
        let names = Names.all(upTo: 5).compactMap { RepositoryName($0) }
        var matched = 0
        for _ in 0..<20_000 {
            let pattern = Names.pattern(&random)
            guard let glob = try? Glob(pattern) else { continue }
            for _ in 0..<5 {
                guard let name = names.randomElement(using: &random) else { continue }
                let isMatch = glob.matches(name)
                if isMatch { matched += 1 }
                #expect(isMatch == AccessModel.matches(pattern, name.text), "\(pattern) \(name)")
            }
        }
        #expect(matched > 1000)
    }
}
