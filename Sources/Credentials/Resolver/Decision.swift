/// An outcome, and the time before which nobody may be told of it.
public struct Decision: Sendable {
    /// Whose credential it is, or why nobody's.
    public let outcome: Outcome
    /// For a refusal: its place among those that wait. Keep it until the answer is sent, and send that no earlier than
    /// ``RefusalHold/until``: its time would tell what the refusal does not (rule 5).
    public let hold: RefusalHold?

    package init(_ outcome: Outcome, hold: RefusalHold? = nil) {
        self.outcome = outcome
        self.hold = hold
    }
}
