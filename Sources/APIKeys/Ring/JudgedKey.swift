public import Credentials

/// A key of a list, with whether it works.
public struct JudgedKey: Sendable {
    /// The key.
    public let record: APIKeyRecord
    /// Whether it works.
    public let state: KeyState
    /// The rule of the policy that blocks it; nil if none does.
    public let rule: APIKeyPolicy.Rule?
    /// What is wrong with scopes that match nothing, in words.
    public let scopeProblems: [(scope: Scope, problem: String)]

    init(
        record: APIKeyRecord, state: KeyState, rule: APIKeyPolicy.Rule?,
        scopeProblems: [(scope: Scope, problem: String)]
    ) {
        (self.record, self.state, self.rule, self.scopeProblems) = (record, state, rule, scopeProblems)
    }

    /// A key that was made a moment ago, when all this was looked at.
    public init(new record: APIKeyRecord) {
        self.init(record: record, state: .active, rule: nil, scopeProblems: [])
    }
}
