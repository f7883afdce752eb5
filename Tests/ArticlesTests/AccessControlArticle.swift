// The code of Sources/AccessControl/AccessControl.docc/OneDecision.md: ArticlesTests compares the two.
import AccessControl
import Credentials

enum AccessControlArticle {
    static func decide(_ principal: Principal) throws -> Bool {
        let rules = try AccessRules(
            AccessConfiguration(repositories: [
                .init("**", defaultPolicy: ActionSet([.read])),
                .init("team/**", policies: [.init(users: ["ann"], actions: ActionSet([.read, .create]))]),
            ]))

        let subject = rules.subject(principal)
        if let repository = RepositoryName("team/app") {
            let decision = rules.decide(subject, RepositoryRight(.create, repository))
            print(decision)  // allowed: a policy of `team/**` names ann
        }

        let request = try RegistryRequest(method: "PUT", target: "/v2/team/app/manifests/latest")
        print(rules.decide(subject, request).isAllowed)  // false: to push by tag takes update too
        return rules.decide(subject, request).isAllowed
    }
}
