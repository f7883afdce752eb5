import AccessControl
import Credentials

/// What one decision costs with 10,000 patterns and 1,000 groups: the median, and the 99th percentile, of a million.
@main
enum Decisions {
    static func main() throws {
        let groups = (0..<1000).map { "cn=team-\($0),ou=groups,dc=example,dc=org" }
        var repositories: [AccessConfiguration.Repositories] = [.init("**", defaultPolicy: [])]
        // Nine tenths of the patterns as organizations have them; the rest as nobody should, but may.
        for number in 0..<9_999 {
            let group = groups[number % 1000]
            let policy = AccessConfiguration.Policy(
                users: ["user\(number)"], groups: [group, groups[(number + 1) % 1000]],
                actions: ActionSet([.read, .create]))
            let pattern =
                switch number % 20 {
                case 0: "team\(number)/app-*"
                case 1: "*/service-of-many-\(number)"
                case 2: "org/**/lib\(number)"
                case 3..<10: "team\(number)/app"
                default: "team\(number)/**"
                }
            repositories.append(.init(pattern, policies: [policy]))
        }
        let clock = ContinuousClock()
        let begun = clock.now
        let rules = try AccessRules(.init(repositories: repositories))
        let loaded = clock.now - begun
        // Somebody who is in all of the groups, and somebody who is in three.
        for (who, mine) in [("in 3 groups", Array(groups.prefix(3))), ("in 1,000 groups", groups)] {
            let principal = Principal(
                userName: "somebody", groups: mine.map { Group(name: "team", distinguishedName: $0) }, source: .ldap)
            let subject = rules.subject(principal)
            var random = SystemRandomNumberGenerator()
            let names = (0..<10_000).compactMap { _ -> RepositoryName? in
                let number = Int.random(in: 0..<10_000, using: &random)
                let names = [
                    "team\(number)/app", "team\(number)/app-x", "team\(number)/a/b/c", "x/service-of-many-\(number)",
                    "org/a/b/lib\(number)",
                    "other/thing",
                ]
                return names.randomElement(using: &random).flatMap { RepositoryName($0) }
            }
            var (times, allowed): ([Duration], Int) = ([], 0)
            times.reserveCapacity(1_000_000)
            for round in 0..<100 {
                for name in names {
                    let start = clock.now
                    let decision = rules.decide(
                        subject, RepositoryRight(round.isMultiple(of: 2) ? .read : .delete, name))
                    times.append(clock.now - start)
                    if decision.isAllowed { allowed += 1 }
                }
            }
            times.sort()
            print(
                "\(who): median \(text(times[times.count / 2])), p99 \(text(times[times.count * 99 / 100])); \(allowed) allowed"
            )
        }
        print("10,000 patterns and 1,000 groups are read in \(text(loaded))")
    }

    private static func text(_ duration: Duration) -> String {
        let nanoseconds = duration / .nanoseconds(1)
        return nanoseconds < 1e6
            ? "\((nanoseconds / 10).rounded() / 100) µs" : "\((nanoseconds / 1e4).rounded() / 100) ms"
    }
}
