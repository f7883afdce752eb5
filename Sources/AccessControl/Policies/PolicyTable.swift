import Credentials

/// The policies of one pattern, ready to be asked.
struct PolicyTable: Sendable {
    struct Policy: Sendable {
        let users: Set<UserName>
        let groups: [Int]
        let actions: ActionSet
    }

    let glob: Glob
    let policies: [Policy]
    let defaultPolicy: ActionSet
    let anonymousPolicy: ActionSet

    init(_ repositories: AccessConfiguration.Repositories, _ glob: Glob, _ numbers: inout GroupNumbers) {
        self.glob = glob
        policies = repositories.policies.map { policy in
            Policy(
                users: Set(policy.users), groups: policy.groups.map { numbers.number($0) }, actions: policy.actions)
        }
        defaultPolicy = repositories.defaultPolicy
        anonymousPolicy = repositories.anonymousPolicy
    }

    /// What grants an action: any of the pattern's policies that fit.
    func rule(_ subject: AccessSubject, _ action: Action, _ numbers: GroupNumbers) -> AccessRule? {
        guard let userName = subject.userName else {
            return anonymousPolicy.contains(action) ? .anonymousPolicy(pattern: glob.text) : nil
        }
        for policy in policies where policy.actions.contains(action) {
            if policy.users.contains(userName) { return .user(userName, pattern: glob.text) }
            if let group = policy.groups.first(where: { subject.groups.contains($0) }) {
                return .group(numbers.names[group], pattern: glob.text)
            }
        }
        return defaultPolicy.contains(action) ? .defaultPolicy(pattern: glob.text) : nil
    }
}
